import { readFile } from 'node:fs/promises';
import { buildConnector } from 'undici';
import { timerMs } from '../../host/clock.js';
import { throughProxy } from '../../host/proxy-connector.js';

export interface ReachedWebhook {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly caFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Connects as a notification would, and sends nothing: where it resolves, name, port, proxy and certificate are right. Takes at most
 * `timeoutMs`, and 15 s for a proxy before that. Rejects with what is in the way.
 */
export async function reachWebhook({ url, timeoutMs, caFile, env }: ReachedWebhook): Promise<void> {
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  const connect = throughProxy(buildConnector({ timeout: timerMs(timeoutMs), ...ca }), env);
  const { protocol, host, port } = url;
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) =>
    connect({ protocol, host, hostname, port }, (error, socket) => {
      socket?.destroy();
      if (error === null) resolve();
      else reject(error);
    }),
  );
}
