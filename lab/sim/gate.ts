export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

/**
 * Every effect of the simulated process passes here, and at one of them the process dies. The dead stay dead: its `finally`
 * blocks reach nothing, so they cannot tidy up what a killed process would have left.
 */
export class Gate {
  private count = 0;
  private crashAt = Number.POSITIVE_INFINITY;
  private isDead = false;

  constructor(private readonly onDeath: () => void) {}

  get dead(): boolean {
    return this.isDead;
  }

  restart(crashAt = Number.POSITIVE_INFINITY): void {
    this.isDead = false;
    this.count = 0;
    this.crashAt = crashAt;
  }

  effect(): void {
    if (!this.isDead && ++this.count < this.crashAt) return;
    if (!this.isDead) this.onDeath();
    this.isDead = true;
    throw new SimulatedCrash(`at effect ${this.crashAt}`);
  }
}
