import type { IncomingMessage, ServerResponse } from 'node:http';
import { VimFault } from '../soap/vim-fault.js';
import { readBody } from '../soap-endpoint.js';
import type { Control } from './control.js';

type Command = (args: unknown) => unknown;

/** `POST /<command>` with a JSON object; 200 with the result, or 400 with `{"error": "…"}`. */
export async function serveControl(control: Control, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const name = (request.url ?? '/').slice(1);
  try {
    const body = await readBody(request);
    const args: unknown = body === '' ? {} : JSON.parse(body);
    if (request.method !== 'POST' || !Object.hasOwn(control, name)) throw new Error(`no command "${request.method} /${name}"`);
    const result = await (control[name as keyof Control] as Command)(args);
    reply(response, 200, result);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    reply(response, 400, { error: error instanceof VimFault ? `${error.type}: ${text}` : text });
  }
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}
