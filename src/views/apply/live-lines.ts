import type { Streams } from '../streams.js';
import { cutTo, textWidth } from '../text-width.js';

const REDRAW_MS = 200;
const ESC = '\u001b[';
/** Kept free: the line that the cursor is on, and one that was printed above. */
const ROWS_FREE = 2;

/** What a line says where there is room for so many columns. */
export type LiveText = (columns: number) => string;

/**
 * Lines at the bottom of a terminal that are rewritten in place; ordinary lines go above them. Where there are more than rows, the
 * first are shown, and how many are not.
 */
export class LiveLines {
  private readonly lines = new Map<string, LiveText>();
  private drawn: readonly string[] = [];
  private drawnAtMs = 0;

  /** `last`: stands below the others as long as there are any; undefined where it has nothing to say. */
  constructor(
    private readonly streams: Streams,
    private readonly monotonicMs: () => number,
    private readonly last: () => string | undefined = () => undefined,
  ) {}

  set(key: string, text: LiveText): void {
    const isNew = !this.lines.has(key);
    this.lines.set(key, text);
    if (isNew || this.monotonicMs() - this.drawnAtMs >= REDRAW_MS) this.draw();
  }

  remove(key: string): void {
    if (this.lines.delete(key)) this.draw();
  }

  /** An ordinary line. */
  print(text: string): void {
    this.streams.out(`${this.eraser()}${text}`);
    this.draw();
  }

  close(): void {
    this.streams.out(this.eraser());
    this.lines.clear();
  }

  /**
   * From the first column: an echoed ^C stands where the cursor is. A terminal that became narrower since has wrapped what it shows, so
   * a line may be several rows by now.
   */
  private eraser(): string {
    const { columns } = this.streams;
    const rows = this.drawn.reduce((sum, text) => sum + Math.max(1, Math.ceil(textWidth(text) / columns)), 0);
    this.drawn = [];
    return rows === 0 ? '' : `\r${ESC}${rows}A${ESC}0J`;
  }

  /** In one write: what is erased is not seen to be gone. */
  private draw(): void {
    const eraser = this.eraser();
    this.drawn = this.shown();
    this.drawnAtMs = this.monotonicMs();
    this.streams.out(`${eraser}${this.drawn.map((text) => `${text}\n`).join('')}`);
  }

  /** A line that wraps would be two, and the next redraw would leave one standing. */
  private shown(): string[] {
    const { columns, rows } = this.streams;
    const texts = [...this.lines.values()].map((text) => text(columns - 1));
    const last = texts.length === 0 ? undefined : this.last();
    const room = Math.max(1, rows - ROWS_FREE - (last === undefined ? 0 : 1));
    const hidden = texts.length - room;
    const fitting = hidden <= 0 ? texts : [...texts.slice(0, room - 1), `... and ${hidden + 1} more`];
    return [...fitting, ...(last === undefined ? [] : [last])].map((text) => cutTo(text, columns - 1));
  }
}
