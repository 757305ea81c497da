import { type Diagnostic, DiagnosticsError } from '../../diag/diagnostic.js';
import { systemClock } from '../../host/clock.js';
import { withoutSecrets } from '../../host/secret.js';
import type { WebhookConfig } from '../../manifest/project/project-config.js';
import { type Posted, postWebhook } from './post-webhook.js';
import { undelivered } from './undelivered.js';
import { placeOf, webhookUrl } from './webhook-url.js';

export interface TellingWebhook {
  readonly text: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
}

/** Posts the notification. undefined: it was taken. Of the URL only its host is ever named. */
export async function tellWebhook(config: WebhookConfig, telling: TellingWebhook): Promise<Diagnostic | undefined> {
  const found = await webhookUrl(config.url, telling.env);
  if ('problem' in found) return undelivered(found.problem.detail, found.problem);
  const { url } = found;
  try {
    const { timeoutMs, caFile } = config;
    const posted = await postWebhook({ ...telling, url, timeoutMs, clock: systemClock, ...(caFile && { caFile }) });
    return judge(posted, url, config);
  } catch (error) {
    if (error instanceof DiagnosticsError) return undelivered(error.diagnostics[0]!.detail, error.diagnostics[0]);
    return undelivered(`the webhook at ${url.host} cannot be called: ${wordsOf(error)}`, {
      nextSteps: ['mend what is said of that file, or name another one in the Project'],
    });
  }
}

const wordsOf = (error: unknown): string => withoutSecrets(error instanceof Error ? error.message : String(error));

function judge(posted: Posted, { host }: URL, { url, timeoutMs }: WebhookConfig): Diagnostic | undefined {
  const at = `the webhook at ${host} (${placeOf(url)})`;
  if ('error' in posted) {
    const isLate = posted.error.name === 'TimeoutError';
    const why = isLate ? `does not answer within ${timeoutMs / 1000} s` : `cannot be reached: ${wordsOf(posted.error)}`;
    return undelivered(`${at} ${why}`, {
      nextSteps: ['look whether this machine reaches that host, or its proxy, and trusts its certificate'],
    });
  }
  const { status } = posted;
  if (status >= 200 && status < 300) return undefined;
  const isElsewhere = status >= 300 && status < 400;
  const step = isElsewhere
    ? 'it sends on to another address, which is not followed: put that one there'
    : 'look whether the URL is still the one that the service gave out, and whether it takes JSON with these fields';
  return undelivered(`${at} answered HTTP ${status}`, { nextSteps: [step] });
}
