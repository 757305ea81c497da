import type { Streams } from '../streams.js';
import { cutTo } from '../text-width.js';

const ESC = '\u001b[';

/**
 * Lines that take the place of those before them, on the terminal as it is: nothing has to be put back when it ends. No more than fit,
 * and none that wraps: both would leave lines standing.
 */
export class Frame {
  private drawn = 0;
  constructor(private readonly streams: Streams) {}

  show(lines: readonly string[]): void {
    const { columns, rows } = this.streams;
    const room = rows - 1;
    const fitting = lines.length <= room ? lines : [...lines.slice(0, room - 1), `and ${lines.length - room + 1} lines more`];
    const back = this.drawn === 0 ? '' : `${ESC}${this.drawn}A${ESC}0J`;
    this.streams.out(`${back}${fitting.map((line) => `${cutTo(line, columns - 1)}\n`).join('')}`);
    this.drawn = fitting.length;
  }
}

/** For a file or a pipe: lines that were not there the last time, with the time of the look before them. */
export class Changes {
  private before: ReadonlySet<string> = new Set();
  constructor(
    private readonly streams: Streams,
    private readonly now: () => Date,
  ) {}

  show([, , ...lines]: readonly string[]): void {
    const at = this.now().toISOString();
    for (const line of lines) if (line !== '' && !this.before.has(line)) this.streams.out(`${at} ${line}\n`);
    this.before = new Set(lines);
  }
}
