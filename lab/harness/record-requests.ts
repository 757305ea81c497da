import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

// Loaded into the command before its own code: writes every request to OpenStack, and how it ended, to a file. Logins are left
// out, and vCenter with them: their bodies are secret.

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

const UNRECORDED = /(\/auth\/tokens|^\/sdk.*)$/;
const file = process.env['MIGPLAN_LAB_REQUESTS'];

function record({ method, path, body }: Sent, outcome: number | string): void {
  if (file === undefined || UNRECORDED.test(path)) return;
  const text = Buffer.isBuffer(body) ? body.toString() : '';
  appendFileSync(file, `${JSON.stringify({ method, path, body: text, outcome })}\n`);
}

subscribe('undici:request:headers', (message) => {
  const { request, response } = message as { request: Sent; response: { statusCode: number } };
  record(request, response.statusCode);
});

subscribe('undici:request:error', (message) => {
  const { request, error } = message as { request: Sent; error: Error & { code?: string } };
  record(request, error.code ?? error.message);
});
