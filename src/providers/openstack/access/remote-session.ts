import { setTimeout as delay } from 'node:timers/promises';
import { type Child, type ChildExit, startChild } from '../../../host/child.js';
import { timerMs } from '../../../host/clock.js';
import { untilInterrupted } from '../../../host/interruption.js';
import { decodeMessage, type RemoteMessage } from './remote-messages.js';
import { type RemoteRequest, remoteProgram } from './remote-program.js';

/** The remote program gives its server so long to end, and some more for a slow line. */
const END_GRACE_MS = 20_000;
const STOP_GRACE_MS = 2_000;
/** Eight words in the time after which silence means death, so that some may be late. */
const WORDS_IN_MS = 1000 / 8;

/** One run of the remote program, at the other end of a program that was started here: ssh. */
export class RemoteSession {
  private readonly messages: RemoteMessage[] = [];
  private readonly child: Child;
  private readonly word: NodeJS.Timeout;
  private partOfLine = '';
  private exit: ChildExit | undefined;
  private wake = (): void => undefined;

  constructor(program: string, args: readonly string[], request: RemoteRequest) {
    this.child = startChild({ program, args, takesInput: true, onStdout: (chunk) => this.hear(chunk.toString('latin1')) });
    for (const line of [remoteProgram, request]) this.child.input?.write(`${JSON.stringify(line)}\n`);
    this.word = setInterval(() => this.child.input?.write('\n'), request.silenceSeconds * WORDS_IN_MS).unref();
    void this.child.exited.then((exit) => {
      clearInterval(this.word);
      this.exit = exit;
      this.wake();
    });
  }

  /** The next message; how it ended when there will be none; 'late' after `timeoutMs`. Ends with the work that is interrupted. */
  async next(timeoutMs: number): Promise<RemoteMessage | ChildExit | 'late'> {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    if (this.messages.length === 0 && this.exit === undefined) await untilInterrupted(within(timeoutMs, woken));
    return this.messages.shift() ?? this.exit ?? 'late';
  }

  /** Tells it to serve what it has claimed. */
  serve(): void {
    this.child.input?.write('serve\n');
  }

  /** How it ended; undefined: it still runs after `timeoutMs`. */
  ended(timeoutMs: number): Promise<ChildExit | undefined> {
    return within(timeoutMs, this.child.exited);
  }

  /** Ends the input, on which the remote program ends its server, gives the device free and ends; waits for that. Twice is fine. */
  async close(): Promise<ChildExit> {
    clearInterval(this.word);
    this.child.input?.end();
    return (await this.ended(END_GRACE_MS)) ?? this.child.stop(STOP_GRACE_MS);
  }

  private hear(text: string): void {
    const lines = (this.partOfLine + text).split('\n');
    this.partOfLine = lines.pop() ?? '';
    for (const line of lines) {
      const message = decodeMessage(line);
      if (message !== undefined) this.messages.push(message);
    }
    if (this.messages.length > 0) this.wake();
  }
}

/** What `work` gives, or undefined after so long. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
  const late = new AbortController();
  const over = delay(timerMs(timeoutMs), undefined, { signal: late.signal, ref: false }).catch(() => undefined);
  try {
    return await Promise.race([work, over]);
  } finally {
    late.abort();
  }
}
