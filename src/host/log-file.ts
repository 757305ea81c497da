import { appendFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from './files.js';
import { makeFolders } from './make-folders.js';

/** What waits to be written while the disk is slow; beyond it the newest is left out, and said to be. */
const WAITING_CHARACTERS_MAX = 1_000_000;

export interface LogFileOptions {
  readonly path: string;
  /** Of the file and its predecessor `PATH.1` together: the file is put in its place when half is reached. */
  readonly bytesMax: number;
  /** What could not be written is lost; later lines are tried again. */
  readonly onTrouble: (error: Error) => void;
}

/** A file for people, mode 0600, in a folder of our own: only appended to, of bounded size. Writing never rejects and is not waited for. */
export class LogFile {
  private waiting = '';
  private leftOut = 0;
  private writing: Promise<void> | undefined;
  private bytes: number | undefined;

  constructor(private readonly options: LogFileOptions) {}

  write(text: string): void {
    if (this.waiting.length + text.length > WAITING_CHARACTERS_MAX) this.leftOut += text.length;
    else this.waiting += text;
    this.writing ??= this.drain().finally(() => {
      this.writing = undefined;
    });
  }

  /** Resolves when all that was written so far is in the file, or lost. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private async drain(): Promise<void> {
    while (this.waiting !== '') {
      const text =
        this.waiting + (this.leftOut === 0 ? '' : `--- ${this.leftOut} characters are left out here: the disk is slow\n`);
      [this.waiting, this.leftOut] = ['', 0];
      await this.append(text).catch((error: Error) => this.options.onTrouble(error));
    }
  }

  private async append(text: string): Promise<void> {
    const { path, bytesMax } = this.options;
    if (this.bytes === undefined) await makeFolders(dirname(path), 0o700);
    this.bytes ??= await sizeOf(path);
    if (this.bytes > 0 && this.bytes + Buffer.byteLength(text) > bytesMax / 2) {
      await rename(path, `${path}.1`);
      this.bytes = 0;
    }
    await appendFile(path, text, { mode: 0o600 });
    this.bytes += Buffer.byteLength(text);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
