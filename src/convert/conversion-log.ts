import { StringDecoder } from 'node:string_decoder';
import type { ConversionReport } from '../contracts/converter.js';

/**
 * virt-v2v tells stages, never progress. The numbers are shares of the time that a Debian guest took; in a conversion
 * "Converting" is the long one.
 */
const stages: readonly { readonly words: RegExp; readonly percent: number }[] = [
  { words: /^Setting up the source/, percent: 0 },
  { words: /^Opening the source/, percent: 1 },
  { words: /^Inspecting the source/, percent: 8 },
  { words: /^Checking for sufficient free disk space/, percent: 15 },
  { words: /^Converting /, percent: 16 },
  { words: /^Mapping filesystem data/, percent: 95 },
  { words: /^Closing the overlay/, percent: 98 },
  { words: /^Assigning disks to buses/, percent: 99 },
  { words: /^Checking if the guest needs BIOS or UEFI/, percent: 99 },
  { words: /^Finishing off/, percent: 100 },
];

interface LogRecord {
  readonly type: string;
  readonly message: string;
}

function decode(line: string): LogRecord | undefined {
  try {
    const { type, message } = JSON.parse(line) as Partial<LogRecord>;
    return typeof type === 'string' && typeof message === 'string' ? { type, message } : undefined;
  } catch {
    // Programs that virt-v2v starts may say something of their own on its standard output.
    return undefined;
  }
}

/** virt-v2v tells missing network drivers, of which it says no word in its result, as a warning only. */
const NO_DRIVER_OF_ANY_KIND = /no virtio drivers? available for this version/i;
const NO_NETWORK_DRIVER = /no virtio network driver/i;

/** Reads what `--machine-readable` writes: a JSON object a line, the last one perhaps without an end of line. */
export class ConversionLog {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';
  private readonly infos: string[] = [];
  private readonly warnings: string[] = [];
  private readonly errors: string[] = [];

  constructor(private readonly onStage: (stage: string, percent: number) => void = () => {}) {}

  push(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.line(line);
  }

  end(): void {
    this.line(this.rest);
    this.rest = '';
  }

  /** What went wrong, without the paragraph on how to report bugs of virt-v2v. Empty when it did not say. */
  error(): string {
    return this.errors.map((text) => text.split('If reporting bugs')[0]!.trim()).join('\n');
  }

  report(): Omit<ConversionReport, 'guest'> {
    const says = (words: string) => this.infos.some((info) => info.includes(words));
    const warns = (words: RegExp) => this.warnings.some((warning) => words.test(warning));
    const lacksDisk = says('does not have virtio drivers installed');
    const hasDisk = !lacksDisk && says('has virtio drivers installed');
    return {
      disk: lacksDisk ? 'emulated' : hasDisk ? 'virtio' : 'unknown',
      network: lacksDisk || warns(NO_DRIVER_OF_ANY_KIND) || warns(NO_NETWORK_DRIVER) ? 'emulated' : 'virtio',
      firmware: says('requires UEFI') ? 'uefi' : 'any',
      warnings: this.warnings,
    };
  }

  private line(line: string): void {
    const record = decode(line);
    if (record === undefined) return;
    const { type, message } = record;
    if (type === 'message') {
      const stage = stages.find(({ words }) => words.test(message));
      // What follows a colon is a path of ours.
      if (stage !== undefined) this.onStage(message.replace(/: .*$/, ''), stage.percent);
    } else if (type === 'info') this.infos.push(message);
    else if (type === 'warning') this.warnings.push(message);
    else if (type === 'error') this.errors.push(message);
  }
}
