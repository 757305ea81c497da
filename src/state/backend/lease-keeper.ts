import { type Diagnostic, DiagnosticsError } from '../../diag/diagnostic.js';
import type { Clock } from '../../host/clock.js';
import { uninterrupted } from '../../host/interruption.js';
import { findProgram, packagesOf, requirements } from '../../host/program.js';
import { trace } from '../../host/trace.js';
import { startWriteFence, type WriteFence } from '../../host/write-fence.js';

/** How a lock that other machines see is held: milliseconds, all of one lease. */
export interface LeaseTerms {
  /** Whose holder was not heard of for so long may lose the lock to another machine. */
  readonly leaseMs: number;
  /** Between two reports. */
  readonly beatMs: number;
  /** Who could not report for so long ends its writers: long before anybody else begins. */
  readonly fenceMs: number;
  /** How long another machine looks on itself, and hears nothing, before it takes over, whatever the clock of the server says. */
  readonly watchMs: number;
}

export const termsOf = (leaseMs: number): LeaseTerms => ({
  leaseMs,
  beatMs: leaseMs / 10,
  fenceMs: leaseMs / 2,
  watchMs: leaseMs / 5,
});

/** What this machine lacks to end its writers from outside: nobody may hold a lease without. */
export async function leasePreflight(): Promise<Diagnostic[]> {
  if ((await findProgram('bash')) !== undefined) return [];
  const detail = 'bash is not installed, which ends the copies of a run that hangs before another run may take over';
  return [{ severity: 'error', code: 'MP8001', detail, nextSteps: packagesOf(requirements.bash) }];
}

export interface LeaseKeeping {
  readonly terms: LeaseTerms;
  readonly clock: Clock;
  /** Reports all of them in one request, which is not repeated; resolves with those that are still held. */
  readonly report: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** What work ends with when nothing could be reported. */
  readonly unheard: () => Error;
}

interface Lease {
  readonly ending: AbortController;
  readonly lost: () => Error;
}

/**
 * Reports that this process lives, for all leases it holds, and ends the work under those that it lost. What counts is when a report that
 * arrived was begun: the server has noted that moment or a later one.
 */
export class LeaseKeeper implements Disposable {
  private readonly leases = new Map<string, Lease>();
  private heardMs = 0;
  private stop: AbortController | undefined;
  private fence: WriteFence | undefined;

  private lacks: Promise<readonly Diagnostic[]> | undefined;

  constructor(private readonly keeping: LeaseKeeping) {}

  /** Before a lease is asked for: DiagnosticsError where this machine could not end its writers from outside. */
  async requireFence(): Promise<void> {
    this.lacks ??= uninterrupted(() => leasePreflight());
    const lacks = await this.lacks;
    if (lacks.length > 0) throw new DiagnosticsError(lacks);
  }

  /** `askedMs`: monotonic, before the lease was asked for. The signal is aborted when the lease is lost, with the error to end with. */
  hold(id: string, askedMs: number, lost: () => Error): AbortSignal {
    const ending = new AbortController();
    this.leases.set(id, { ending, lost });
    if (this.stop === undefined) this.begin(askedMs);
    return ending.signal;
  }

  /** Given back, or about to be. */
  drop(id: string): void {
    this.leases.delete(id);
    if (this.leases.size === 0) this.end();
  }

  [Symbol.dispose](): void {
    this.leases.clear();
    this.end();
  }

  private begin(askedMs: number): void {
    this.stop = new AbortController();
    this.heardMs = askedMs;
    this.fence = startWriteFence(this.leftMs);
    const { signal } = this.stop;
    uninterrupted(() => {
      void this.keepReporting(signal);
      void this.endWhenUnheard(signal);
    });
  }

  private end(): void {
    this.stop?.abort();
    this.stop = undefined;
    this.fence?.[Symbol.dispose]();
    this.fence = undefined;
  }

  /** Whether there are leases, and the work under them has to end. */
  get isOver(): boolean {
    return this.stop !== undefined && this.leftMs <= 0;
  }

  /** Until the work has to end. */
  private get leftMs(): number {
    return this.heardMs + this.keeping.terms.fenceMs - this.keeping.clock.monotonicMs();
  }

  private async keepReporting(stop: AbortSignal): Promise<void> {
    const { clock, terms } = this.keeping;
    while (await slept(clock, terms.beatMs, stop)) await this.reportAll(stop);
  }

  private async reportAll(stop: AbortSignal): Promise<void> {
    const { clock, report } = this.keeping;
    const askedMs = clock.monotonicMs();
    const asked = new Map(this.leases);
    const held = await report([...asked.keys()]).catch((error: unknown) => {
      trace('warn', 'state', () => `that this run lives could not be reported: ${String(error)}`);
    });
    if (held === undefined || stop.aborted) return;
    this.heardMs = askedMs;
    this.fence?.prolong(Math.max(0, this.leftMs));
    for (const [id, lease] of asked) if (!held.has(id) && this.leases.get(id) === lease) lease.ending.abort(lease.lost());
  }

  private async endWhenUnheard(stop: AbortSignal): Promise<void> {
    const { clock, unheard, terms } = this.keeping;
    // Leases that are taken later are watched, too.
    while (await slept(clock, this.leftMs > 0 ? this.leftMs : terms.beatMs, stop)) {
      if (this.leftMs > 0) continue;
      for (const { ending } of this.leases.values()) ending.abort(unheard());
    }
  }
}

/** false: stopped. */
const slept = (clock: Clock, ms: number, stop: AbortSignal): Promise<boolean> =>
  clock.sleep(ms, stop).then(
    () => !stop.aborted,
    () => false,
  );
