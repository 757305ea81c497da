import type { Streams } from '../streams.js';

const REDRAW_MS = 200;
const ESC = '\u001b[';

/** Lines at the bottom of a terminal that are rewritten in place; ordinary lines go above them. */
export class LiveLines {
  private readonly lines = new Map<string, string>();
  private drawn = 0;
  private drawnAtMs = 0;

  constructor(
    private readonly streams: Streams,
    private readonly monotonicMs: () => number,
  ) {}

  set(key: string, text: string): void {
    const isNew = !this.lines.has(key);
    this.lines.set(key, text);
    if (isNew || this.monotonicMs() - this.drawnAtMs >= REDRAW_MS) this.draw();
  }

  remove(key: string): void {
    if (this.lines.delete(key)) this.draw();
  }

  /** An ordinary line. */
  print(text: string): void {
    this.erase();
    this.streams.out(text);
    this.draw();
  }

  close(): void {
    this.erase();
    this.lines.clear();
  }

  private erase(): void {
    if (this.drawn > 0) this.streams.out(`${ESC}${this.drawn}A${ESC}0J`);
    this.drawn = 0;
  }

  private draw(): void {
    this.erase();
    // A line that wraps would be two, and the next redraw would leave one standing.
    for (const text of this.lines.values()) this.streams.out(`${text.slice(0, this.streams.columns - 1)}\n`);
    this.drawn = this.lines.size;
    this.drawnAtMs = this.monotonicMs();
  }
}
