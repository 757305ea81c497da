/** The simulated clock: real time plus what the control API added. Sessions expire and tasks are forgotten by it. */
export class SimClock {
  private offsetMs = 0;

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  advance(ms: number): void {
    this.offsetMs += ms;
  }
}
