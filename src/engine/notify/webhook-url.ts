import type { Diagnostic } from '../../diag/diagnostic.js';
import { Secret } from '../../host/secret.js';
import { resolveSecret, type SecretRef } from '../../manifest/project/secret-ref.js';

/** What is in the way, and what to do. */
export type WebhookProblem = Pick<Diagnostic, 'detail' | 'nextSteps' | 'source'>;
export type WebhookUrl = { readonly url: URL } | { readonly problem: WebhookProblem };

/** The URL that a reference leads to. From then on no part of it that is secret is said anywhere: only its host may be. */
export async function webhookUrl(ref: SecretRef, env: Readonly<Record<string, string | undefined>>): Promise<WebhookUrl> {
  const resolved = await resolveSecret(ref, env);
  if ('diagnostic' in resolved) {
    const { detail, nextSteps = [], source } = resolved.diagnostic;
    return { problem: { detail, nextSteps, ...(source && { source }) } };
  }
  const text = resolved.text.trim();
  void new Secret(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isPostable(url)) return { problem: noUrl(ref) };
  keepSecret(url);
  return { url };
}

const isPostable = ({ protocol, username, password }: URL): boolean =>
  ['http:', 'https:'].includes(protocol) && [username, password].every((part) => decoded(part) !== undefined);

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** Shorter parts of a path are words, such as `hooks`. */
const KEY_LENGTH_MIN = 12;

function keepSecret({ href, pathname, search, username, password }: URL): void {
  const keys = [`${pathname}${search}`, ...pathname.split('/')].filter(({ length }) => length >= KEY_LENGTH_MIN);
  const parts = [href, ...keys, search.slice(1), username, password, decoded(password) ?? ''];
  for (const part of parts) if (part !== '') void new Secret(part, 'name');
}

export const placeOf = (ref: SecretRef): string => (ref.kind === 'env' ? `env:${ref.name}` : `file:${ref.path}`);

const noUrl = (ref: SecretRef): WebhookProblem => ({
  detail: `what is in ${placeOf(ref)} is no URL that begins with https:// or http://`,
  source: ref.source,
  nextSteps: ['put the whole URL of the webhook there, with what is special in a URL percent-encoded'],
});
