import { constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { runChild } from '../host/child.js';

const MKFIFO_TIMEOUT_MS = 20_000;

const REQUEST = /connection=(\d+) Read id=(\d+) offset=\S+ count=(0x[0-9a-f]+)/;
const ANSWER = /connection=(\d+) \.\.\.Read id=(\d+) return=0/;

/** Adds up the reads that nbdkit's log filter reports as answered. */
export class ReadCounter {
  bytes = 0;
  private readonly underway = new Map<string, number>();
  private rest = '';

  push(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    const request = REQUEST.exec(line);
    if (request !== null) this.underway.set(`${request[1]}/${request[2]}`, Number(request[3]));
    const answer = request === null ? ANSWER.exec(line) : null;
    if (answer === null) return;
    const id = `${answer[1]}/${answer[2]}`;
    this.bytes += this.underway.get(id) ?? 0;
    this.underway.delete(id);
  }
}

export interface RequestLog extends AsyncDisposable {
  readonly path: string;
}

/**
 * A named pipe for nbdkit's log filter. Opened for both directions, so that neither side waits for the other to open; read
 * as a socket, so that no thread of Node's small pool is kept waiting in a read.
 */
export async function openRequestLog(path: string, mkfifo: string, onBytes: (bytes: number) => void): Promise<RequestLog> {
  const { status, stderr } = await runChild({ program: mkfifo, args: ['-m', '600', path], timeoutMs: MKFIFO_TIMEOUT_MS });
  if (status !== 0) throw new Error(`mkfifo ${path}: ${stderr}`);
  const socket = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false });
  const counter = new ReadCounter();
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const before = counter.bytes;
    counter.push(text);
    if (counter.bytes > before) onBytes(counter.bytes);
  });
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      await rm(path, { force: true });
    },
  };
}
