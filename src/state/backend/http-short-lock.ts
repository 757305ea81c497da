import type { Clock } from '../../host/clock.js';
import { drawFrom, newSeed } from '../../host/random.js';
import { currentUser } from '../current-user.js';
import type { HttpClient } from './http-client.js';
import { type LockInfo, lockInfoOf, shortId, type ToldHolder } from './http-lock-info.js';
import type { StateName } from './http-names.js';
import { busy } from './http-refusal.js';
import { leftMs } from './http-time.js';

const WAIT_MS_MAX = 30_000;
/** Whoever writes what is locked only for a moment needs no such time: it died, and its late write would be refused. */
const DEAD_AFTER_MS = 20_000;
/** Who notes a run waits for less than that; what a late write may lose on a server that does not look at locks is one of these notes. */
const DEAD_NOTE_AFTER_MS = 7000;
const FIRST_DELAY_MS = 50;
const DELAY_MS_MAX = 1000;

/** Somebody took the lock away in a moment. */
export class Interfered extends Error {}

/** Under a lock that has this id. Throws Interfered where it was taken away: all of it is done once more. */
export type ShortWork = (id: string) => Promise<void>;

export class ShortLocks {
  private readonly draw = drawFrom(newSeed());

  constructor(
    private readonly client: HttpClient,
    private readonly clock: Clock,
  ) {}

  /** Waits for others for at most 30 s, then DiagnosticsError MP3033. */
  async under(state: StateName, work: ShortWork): Promise<void> {
    const untilMs = this.clock.monotonicMs() + WAIT_MS_MAX;
    const seen = new SeenLock();
    for (let tries = 1; ; tries++) {
      const told = await this.tryOnce(state, work);
      if (told === 'done') return;
      const nowMs = this.clock.monotonicMs();
      if (this.isDead(state, seen.forMs(told, nowMs))) await this.client.unlock(state, this.info(state, told.id ?? '', told));
      else if (nowMs >= untilMs || leftMs(this.clock) === 0) throw busy(this.client.place('lock', state), told);
      await this.clock.sleep(this.delayMs(tries));
    }
  }

  /** Documents that runs hold for hours are never taken from anybody. */
  private readonly isDead = ({ kind }: StateName, heldMs: number): boolean =>
    kind !== 'vms' && kind !== 'plans' && heldMs >= (kind === 'run-index' ? DEAD_NOTE_AFTER_MS : DEAD_AFTER_MS);

  private async tryOnce(state: StateName, work: ShortWork): Promise<'done' | ToldHolder> {
    const info = this.info(state, shortId(), { who: currentUser(), since: this.clock.now().toISOString() });
    const answer = await this.client.lock(state, info);
    if (answer.kind === 'held') return answer.told;
    try {
      await work(info.ID);
    } catch (error) {
      await this.client.unlock(state, info).catch(() => undefined);
      if (error instanceof Interfered) return {};
      throw error;
    }
    await this.client.unlock(state, info);
    return 'done';
  }

  /** Those who wait for the same lock do not come back at the same moment. */
  private delayMs(tries: number): number {
    const ms = Math.min(FIRST_DELAY_MS * 2 ** Math.min(tries, 10), DELAY_MS_MAX);
    return ms / 2 + this.draw(ms / 2);
  }

  private readonly info = (state: StateName, id: string, told: ToldHolder): LockInfo =>
    lockInfoOf(id, told, this.client.place('state', state));
}

/** For how long the same lock has been in the way. */
class SeenLock {
  private id: string | undefined;
  private sinceMs = 0;

  forMs({ id }: ToldHolder, nowMs: number): number {
    if (id === undefined || id !== this.id) [this.id, this.sinceMs] = [id, nowMs];
    return nowMs - this.sinceMs;
  }
}
