import { readFile } from 'node:fs/promises';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type Clock, timerMs } from '../../host/clock.js';
import { throughProxy } from '../../host/proxy-connector.js';
import { trace } from '../../host/trace.js';

/** With waits of a second and more between them. */
const ATTEMPTS_MAX = 3;
const FIRST_DELAY_MS = 1000;
/** Whoever ran the apply waits for this. */
const RETRY_AFTER_MS_MAX = 10_000;
/** The service is busy, or something before it is. */
const isBusy = (status: number): boolean => status === 429 || status >= 500;

export interface WebhookPost {
  readonly url: URL;
  readonly text: string;
  readonly timeoutMs: number;
  readonly caFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** What came of the last try. */
export type Posted = { readonly status: number } | { readonly error: Error };

/**
 * Posts JSON, at most three times, and takes at most three times `timeoutMs` and 20 s. An answer is an answer, whatever its status; it is
 * not read. Redirects are not followed: a POST would become a GET without a body. Rejects where the authorities cannot be read, or the
 * proxy of the environment is none.
 */
export async function postWebhook(post: WebhookPost): Promise<Posted> {
  const { timeoutMs, caFile, env, clock } = post;
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  const agent = new Agent({ connect: throughProxy(buildConnector({ timeout: timeoutMs, ...ca }), env) });
  try {
    for (let attempt = 1; ; attempt++) {
      const { outcome, waitMs } = await tryOnce(post, agent);
      const isLast = attempt === ATTEMPTS_MAX || ('status' in outcome && !isBusy(outcome.status));
      trace('info', 'notify', () => `POST to ${post.url.host}, try ${attempt}: ${briefly(outcome)}`);
      if (isLast) return outcome;
      await clock.sleep(Math.max(waitMs, FIRST_DELAY_MS * attempt));
    }
  } finally {
    await agent.destroy();
  }
}

const briefly = (outcome: Posted): string => ('status' in outcome ? `HTTP ${outcome.status}` : outcome.error.message);

async function tryOnce(
  { url, text, timeoutMs, userAgent }: WebhookPost,
  agent: Agent,
): Promise<{ readonly outcome: Posted; readonly waitMs: number }> {
  try {
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': userAgent, ...loginOf(url) },
      body: text,
      signal: AbortSignal.timeout(timerMs(timeoutMs)),
    });
    answer.body.on('error', () => undefined).destroy();
    return { outcome: { status: answer.statusCode }, waitMs: retryAfterMs(answer.headers) };
  } catch (error) {
    return { outcome: { error: error instanceof Error ? error : new Error(String(error)) }, waitMs: 0 };
  }
}

function loginOf({ username, password }: URL): { authorization?: string } {
  if (username === '' && password === '') return {};
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
}

/** Of a number of seconds. */
function retryAfterMs(headers: Dispatcher.ResponseData['headers']): number {
  const seconds = Number(headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds * 1000, 0), RETRY_AFTER_MS_MAX) : 0;
}
