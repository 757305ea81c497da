const LATER_EVERY_MS = 60_000;
const LATER_AFTER_MS = 300_000;

/** When a line is due that is not rewritten: often at first, once a minute after five. */
export class Cadence {
  private saidMs: number;

  constructor(
    private readonly startedMs: number,
    private readonly everyMs: number,
  ) {
    this.saidMs = startedMs;
  }

  /** Whether it is to be said now; it then counts as said. */
  isDue(nowMs: number): boolean {
    const every = nowMs - this.startedMs > LATER_AFTER_MS ? LATER_EVERY_MS : this.everyMs;
    if (nowMs - this.saidMs < every) return false;
    this.saidMs = nowMs;
    return true;
  }
}
