import type { SourcePosition, SourceRange } from '../../diag/source-range.js';

/**
 * A file's text, able to say where a character stands. The yaml library counts UTF-16 units, and its own line counter
 * misses lines behind some syntax errors; diagnostics want lines, columns and bytes.
 */
export class SourceText {
  private readonly ascii: boolean;
  private readonly lineStarts: readonly number[];

  constructor(
    readonly file: string,
    readonly text: string,
  ) {
    this.ascii = Buffer.byteLength(text) === text.length;
    this.lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  /** From one UTF-16 index to another; both are moved into the text. */
  range(start: number, end: number): SourceRange {
    return { file: this.file, start: this.position(start), end: this.position(Math.max(start, end)) };
  }

  private position(index: number): SourcePosition {
    const at = Math.min(Math.max(index, 0), this.text.length);
    const line = this.lineAt(at);
    const offset = this.ascii ? at : Buffer.byteLength(this.text.slice(0, at));
    return { line, column: at - this.lineStarts[line - 1]! + 1, offset };
  }

  /** 1-based; by halves. */
  private lineAt(index: number): number {
    let [low, high] = [0, this.lineStarts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.lineStarts[middle]! <= index) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}
