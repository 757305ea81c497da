import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { Secret } from '../../host/secret.js';
import { own } from '../../model/own.js';
import { isSecretName, isSecretVariable } from './secret-names.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** From then on the secrets that this user can read here are struck from all that is collected, in whatever form it has them. */
export async function learnSecrets(
  texts: readonly string[],
  { folder, env }: { readonly folder: string; readonly env: Environment },
): Promise<void> {
  for (const [name, value] of Object.entries(env)) if (isSecretVariable(name)) learn(value);
  for (const value of Object.values(env)) learn(loginOf(value));
  const references = texts.flatMap((text) => [...text.matchAll(/\b(env|file):([^\s"',}\]]+)/g)]);
  for (const [, kind, place = ''] of references)
    learn(kind === 'env' ? own(env, place) : await textOf(absolute(place, { folder, env })));
  for (const path of cloudFiles(folder, env)) learnFrom(await textOf(path));
}

function learn(value: string | undefined): void {
  const text = value?.replace(/\r?\n$/, '') ?? '';
  if (text === '') return;
  void new Secret(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol.startsWith('http') && `${url.pathname}${url.search}`.length > 12)
    void new Secret(`${url.pathname}${url.search}`);
}

/** Of a URL such as that of a proxy. */
function loginOf(value = ''): string | undefined {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i.exec(value)?.[1];
  return password === undefined ? undefined : decoded(password);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

const absolute = (path: string, { folder, env }: { readonly folder: string; readonly env: Environment }): string =>
  path.startsWith('~/') ? join(env['HOME'] || homedir(), path.slice(2)) : resolve(folder, path);

/** Where openstacksdk looks: all of them, since another one may have been used yesterday. */
function cloudFiles(folder: string, env: Environment): string[] {
  const home = env['HOME'] || homedir();
  const config = [env['XDG_CONFIG_HOME'] || join(home, '.config'), '/etc/xdg', '/etc'].map((base) => join(base, 'openstack'));
  const named = [env['OS_CLIENT_CONFIG_FILE'], env['OS_CLIENT_SECURE_FILE']].filter((path) => path !== undefined && path !== '');
  const usual = [folder, ...config].flatMap((base) =>
    ['clouds', 'secure'].flatMap((stem) => ['yaml', 'yml', 'json'].map((suffix) => join(base, `${stem}.${suffix}`))),
  );
  return [...named.map((path) => resolve(folder, path!)), ...usual];
}

function learnFrom(text: string | undefined): void {
  if (text !== undefined) learnIn(parseDocument(text, { version: '1.1', intAsBigInt: true }).toJS() as unknown);
}

function learnIn(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    if (isSecretName(name) && ['string', 'number', 'bigint'].includes(typeof part)) learn(String(part));
    learnIn(part);
  }
}
