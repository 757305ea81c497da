import type { Clock } from '../host/clock.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import { observe, type Providers } from '../state/observe.js';
import type { StateFolder } from '../state/state-folder.js';

/** VMs that are read at once: one look at a cloud costs the same for all of them. */
const AHEAD = 50;
/** How much older than a look of its own may be what a VM is judged by. */
const KEPT_MS_MAX = 5_000;

interface Batch {
  readonly observed: Promise<readonly ObservedMigration[]>;
  /** Absent while it is being read. */
  endedAt?: number;
}

interface World {
  readonly providers: Providers;
  readonly state: StateFolder;
  readonly clock: Clock;
}

/**
 * Observes VMs right before they are worked on, those that come next along with each: otherwise a thousand that need little would read
 * all volumes of a cloud a thousand times. What is not used within seconds is read again. To be used by whoever holds the locks
 * of all of them.
 */
export class LookAhead {
  private readonly seen = new Map<string, { readonly batch: Batch; readonly index: number }>();

  private readonly places: ReadonlyMap<DesiredMigration, number>;

  constructor(
    /** In the order they are worked on. */
    private readonly queue: readonly DesiredMigration[],
    private readonly world: World,
  ) {
    this.places = new Map(queue.map((migration, place) => [migration, place]));
  }

  /** Throws what the look at this VM throws. */
  observe(migration: DesiredMigration): Promise<ObservedMigration> {
    const known = this.seen.get(migration.address);
    this.seen.delete(migration.address);
    return known === undefined ? this.lookFrom(migration) : this.taken(migration, known);
  }

  private async taken(migration: DesiredMigration, { batch, index }: { readonly batch: Batch; readonly index: number }) {
    const observed = await batch.observed.catch(() => undefined);
    // Trouble with one VM is not told of another.
    if (observed === undefined) return this.look(migration);
    return this.isFresh(batch) ? observed[index]! : this.lookFrom(migration);
  }

  private isFresh({ endedAt }: Batch): boolean {
    return endedAt === undefined || this.world.clock.monotonicMs() - endedAt <= KEPT_MS_MAX;
  }

  private async lookFrom(migration: DesiredMigration): Promise<ObservedMigration> {
    const first = this.places.get(migration);
    const several = first === undefined ? [] : this.queue.slice(first, first + AHEAD);
    if (several.length < 2) return this.look(migration);
    const batch: Batch = { observed: observe(several, this.world.providers, this.world.state) };
    for (const [index, { address }] of several.entries()) if (index > 0) this.seen.set(address, { batch, index });
    const observed = await batch.observed.catch(() => undefined);
    batch.endedAt = this.world.clock.monotonicMs();
    return observed?.[0] ?? this.look(migration);
  }

  private async look(migration: DesiredMigration): Promise<ObservedMigration> {
    const [observed] = await observe([migration], this.world.providers, this.world.state);
    return observed!;
  }
}
