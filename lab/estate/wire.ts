import { DetailedError } from '../../src/contracts/detailed-error.js';
import { ProviderError, type ProviderErrorKind } from '../../src/contracts/provider-error.js';

export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

/** refused: nothing happened; lost: it happened, and the answer did not arrive. */
export interface WireFault {
  /** Which of the next calls, counted from 1 among those of `side`. */
  readonly nth: number;
  readonly side: 'source' | 'target' | 'bytes';
  readonly kind: 'refused' | 'lost' | 'denied' | 'quota' | 'cbt-invalid';
}

const CODES = { source: 'MP5003', target: 'MP4003' } as const;

const KINDS: Readonly<Record<WireFault['kind'], ProviderErrorKind>> = {
  refused: 'transient',
  lost: 'transient',
  denied: 'denied',
  quota: 'quota',
  'cbt-invalid': 'cbt-invalid',
};

/** Trouble of a program that moves bytes, told as transfer/ tells it. */
class BytesFailed extends DetailedError {
  override readonly name = 'BytesFailed';
  constructor(code: 'MP6001' | 'MP7001', detail: string) {
    super({ code, detail }, detail);
  }
}

/**
 * Every effect of the simulated process passes here. At one of them the process may die, before or after it, and some calls may
 * fail. The dead stay dead: whatever their `finally` blocks try reaches nothing.
 */
export class Wire {
  /** By kind, what was dealt out so far. */
  readonly dealt: Record<string, number> = {};
  private moments = 0;
  private dieAt = Number.POSITIVE_INFINITY;
  private isDead = false;
  private faults: { readonly fault: WireFault; seen: number }[] = [];

  constructor(private readonly onDeath: () => void) {}

  get dead(): boolean {
    return this.isDead;
  }

  /** Moments that passed since the process began: before and after every effect. */
  get passed(): number {
    return this.moments;
  }

  /** A new process begins, which dies at moment `dieAt`. */
  begin(dieAt = Number.POSITIVE_INFINITY, faults: readonly WireFault[] = []): void {
    this.isDead = false;
    this.moments = 0;
    this.dieAt = dieAt;
    this.faults = faults.map((fault) => ({ fault, seen: 0 }));
  }

  /** One effect on one side. */
  async effect<T>(side: WireFault['side'], call: string, work: () => T | Promise<T>): Promise<T> {
    this.moment();
    const fault = this.nextFault(side);
    if (fault !== undefined && fault.kind !== 'lost') throw this.failure(fault, call);
    const result = await work();
    this.moment();
    if (fault !== undefined) throw this.failure(fault, call);
    return result;
  }

  /** For what happens inside of one call, such as the write of one block. */
  moment(): void {
    if (!this.isDead && ++this.moments < this.dieAt) return;
    if (!this.isDead) {
      this.isDead = true;
      this.count('kill');
      this.onDeath();
    }
    throw new ProcessDied(`at moment ${this.dieAt}`);
  }

  private nextFault(side: WireFault['side']): WireFault | undefined {
    const due = this.faults.filter((armed) => armed.fault.side === side && ++armed.seen === armed.fault.nth);
    return due[0]?.fault;
  }

  private failure({ kind, side }: WireFault, call: string): Error {
    this.count(kind);
    if (side === 'bytes')
      return new BytesFailed(call === 'convert' || call === 'commit' ? 'MP7001' : 'MP6001', `${call}: ${kind}`);
    const code = kind === 'cbt-invalid' ? 'MP2006' : kind === 'quota' ? 'MP4004' : CODES[side];
    return new ProviderError({ kind: KINDS[kind], code, provider: side, call, detail: `fault "${kind}" of the campaign` });
  }

  private count(kind: string): void {
    this.dealt[kind] = (this.dealt[kind] ?? 0) + 1;
  }
}
