import { StringDecoder } from 'node:string_decoder';
import { type Extent, endOf } from '../model/extent.js';

/** Bit of base:allocation that promises zeroes. The other one, a hole, promises nothing about content. */
const STATE_ZERO = 2;

/**
 * Reads the lines of `nbdinfo --map` (offset, length, type, words) as they come and keeps what may be other than zero,
 * joined where it touches: a map of a million lines costs no more than its result.
 */
export class ExtentMapReader {
  readonly extents: Extent[] = [];
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';
  private wrongLine: string | undefined;

  push(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.line(line);
  }

  /** The extents, once all has been pushed. Throws when a line was no line of a map. */
  end(): readonly Extent[] {
    if (this.rest.trim() !== '') this.line(this.rest);
    this.rest = '';
    if (this.wrongLine !== undefined) throw new Error(`not a line of an extent map: ${this.wrongLine}`);
    return this.extents;
  }

  private line(line: string): void {
    const [offset, length, type] = line.trim().split(/\s+/, 3).map(Number);
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || !Number.isSafeInteger(type)) {
      this.wrongLine ??= line.slice(0, 100);
      return;
    }
    if ((type! & STATE_ZERO) !== 0) return;
    const last = this.extents.at(-1);
    if (last !== undefined && endOf(last) === offset) {
      this.extents[this.extents.length - 1] = { offset: last.offset, length: last.length + length! };
    } else {
      this.extents.push({ offset: offset!, length: length! });
    }
  }
}
