import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { VddkArguments } from './vddk-arguments.js';

/** What the simulator answers; the words of a refusal are VDDK's. */
export type OpenAnswer =
  | { readonly ok: true; readonly image: string; readonly capacity: number; readonly knobs: Knobs }
  | { readonly ok: false; readonly reason: string };

/** Trouble ordered through the simulator's control service. */
export interface Knobs {
  readonly readDelayMs?: number;
  readonly killAfterReads?: number;
}

const ANSWER_MS_MAX = 30_000;

/** Asks the simulator to open the disk for a process. Whatever goes wrong is an answer, as with VDDK: nbdkit starts all the same. */
export function askVcenter(vddk: VddkArguments, pid: number): Promise<OpenAnswer> {
  const { server: host, port, user, password, vm, snapshot, file } = vddk;
  return new Promise((answer) => {
    const fail = (reason: string): void => answer({ ok: false, reason });
    const call = request({
      host,
      port,
      method: 'POST',
      path: '/lab/vddk/open',
      rejectUnauthorized: false,
      agent: false,
      timeout: ANSWER_MS_MAX,
    });
    call.on('error', () => fail('Cannot connect to the host'));
    call.on('timeout', () => call.destroy(new Error('no answer in time')));
    call.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => answer(decode(text)));
    });
    // The certificate is checked as VDDK does it, by its SHA-1 alone, and before the password leaves the process.
    call.on('socket', (socket: TLSSocket) => {
      socket.once('secureConnect', () => {
        if (socket.getPeerCertificate().fingerprint === vddk.thumbprint.toUpperCase())
          call.end(JSON.stringify({ user, password, vm, snapshot, file, pid }));
        else {
          fail('Unknown error');
          call.destroy();
        }
      });
    });
  });
}

function decode(text: string): OpenAnswer {
  try {
    return JSON.parse(text) as OpenAnswer;
  } catch {
    return { ok: false, reason: 'Unknown error' };
  }
}
