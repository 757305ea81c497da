import { StringDecoder } from 'node:string_decoder';
import { type Child, startChild } from '../host/child.js';
import { ConvertError } from './errors.js';

export interface GuestfishOptions {
  readonly program: string;
  /** In this order they are /dev/sda, /dev/sdb ... */
  readonly disks: readonly { readonly format: 'raw' | 'qcow2'; readonly address: string }[];
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Between what one command says and what the next does. */
const MARK = '--migplan--';

/**
 * libguestfs, asked command by command: what is asked next depends on what was answered. Disks are opened read-only: what is
 * written goes to a file that is thrown away.
 */
export class Guestfish implements AsyncDisposable {
  private readonly decoder = new StringDecoder('utf8');
  private said = '';
  private wake: () => void = () => {};
  private readonly child: Child;
  private readonly stop = (): void => void this.child.stop();

  constructor(private readonly options: GuestfishOptions) {
    const { program, disks, env, signal } = options;
    const args = disks.flatMap(({ format, address }) => [`--format=${format}`, '-a', address]);
    this.child = startChild({
      program,
      args: ['--ro', ...args],
      env,
      takesInput: true,
      onStdout: (chunk) => {
        this.said += this.decoder.write(chunk);
        this.wake();
      },
    });
    signal.addEventListener('abort', this.stop);
  }

  /** Starts the appliance. ConvertError MP2057 with what libguestfs said when it does not start. */
  async launch(): Promise<void> {
    await this.send('run');
  }

  /** The lines a command says; none when it failed. */
  ask(command: string, ...words: readonly string[]): Promise<string[]> {
    return this.send([`-${command}`, ...words.map(quoted)].join(' '));
  }

  /** Bytes of a device; fewer when it ends before. */
  async bytes(device: string, { offset, length }: { readonly offset: number; readonly length: number }): Promise<Buffer> {
    const lines = await this.send(`-pread-device ${quoted(device)} ${length} ${offset} | od -An -v -tx1`);
    return Buffer.from(lines.join('').replaceAll(/[^0-9a-f]/g, ''), 'hex');
  }

  /** The end of all that was complained of. */
  complaints(): string {
    return this.child.stderr();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.options.signal.removeEventListener('abort', this.stop);
    await this.child.stop();
  }

  private async send(command: string): Promise<string[]> {
    this.options.signal.throwIfAborted();
    this.said = '';
    this.child.input!.write(`${command}\necho ${MARK}\n`);
    const ended = this.child.exited.then(() => true);
    while (!this.said.includes(`${MARK}\n`)) {
      const more = new Promise<false>((resolve) => {
        this.wake = () => resolve(false);
      });
      if ((await Promise.race([more, ended])) && !this.said.includes(`${MARK}\n`)) throw await this.ending();
    }
    return this.said
      .slice(0, this.said.indexOf(`${MARK}\n`))
      .split('\n')
      .filter((line) => line.trim() !== '');
  }

  private async ending(): Promise<Error> {
    this.options.signal.throwIfAborted();
    const { status, stderr } = await this.child.exited;
    const detail = stderr.trim() || `guestfish ended with status ${status}`;
    return new ConvertError({ code: 'MP2057', call: 'guestfish', detail, nextSteps: launchSteps });
  }
}

const launchSteps = ['Run libguestfs-test-tool on the conversion host: what it says first is what is missing'];

const quoted = (word: string): string => `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
