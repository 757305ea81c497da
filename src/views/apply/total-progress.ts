import { formatBytes, plural } from '../../model/format.js';
import { pushTo } from '../../model/grouped.js';
import { copiesOf } from '../../plan/core/action-table.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import { CopyProgress } from './progress.js';

interface Copying {
  readonly done: number;
  readonly total: number;
}

/** All copies of a run together, as far as the plan can know them: a cutover copies each disk more than once. */
export class TotalProgress {
  /** By disk, in their order: bytes that the plan expects of copies that have not begun; undefined where nobody can know. */
  private readonly expected = new Map<string, (number | undefined)[]>();
  private readonly copying = new Map<string, Copying>();
  /** Of those that have not begun: the sum of what is known, and how many nobody can know. A plan has too many to add up each time. */
  private bytesComing = 0;
  private open = 0;
  private bytesDone = 0;
  private copiesDone = 0;
  private vmsDone = 0;
  private readonly copies: number;
  private readonly vms: number;
  private readonly progress: CopyProgress;

  constructor(plan: PlanFile, nowMs: number) {
    for (const { address, actions } of plan.migrations) {
      for (const { disk, forecast } of actions.flatMap(copiesOf)) {
        const key = `${address}/disk/${disk}`;
        const bytes = 'bytes' in forecast ? forecast.bytes : undefined;
        pushTo(this.expected, key, bytes);
        this.count(bytes, 1);
      }
    }
    this.copies = [...this.expected.values()].flat().length;
    this.vms = plan.migrations.filter(({ actions }) => actions.length > 0).length;
    this.progress = new CopyProgress(nowMs);
  }

  update(key: string, copying: Copying, nowMs: number): void {
    if (!this.copying.has(key)) this.begin(key);
    this.copying.set(key, copying);
    this.sample(nowMs);
  }

  /** A copy that was too short to tell how far it is has none of its own to count. */
  finished(key: string, nowMs: number): void {
    const copying = this.copying.get(key);
    if (copying === undefined) this.begin(key);
    this.copying.delete(key);
    this.bytesDone += copying?.total ?? 0;
    this.copiesDone++;
    this.sample(nowMs);
  }

  /** A VM that reached the end of its plan. */
  migrated(): void {
    this.vmsDone++;
  }

  private begin(key: string): void {
    const coming = this.expected.get(key) ?? [];
    if (coming.length > 0) this.count(coming.shift(), -1);
  }

  private count(bytes: number | undefined, copies: 1 | -1): void {
    if (bytes === undefined) this.open += copies;
    else this.bytesComing += copies * bytes;
  }

  private sample(nowMs: number): void {
    const copying = [...this.copying.values()];
    const done = copying.reduce((sum, one) => sum + one.done, this.bytesDone);
    const known = copying.reduce((sum, one) => sum + one.total, this.bytesDone);
    this.progress.update(nowMs, done, known + this.bytesComing);
  }

  /** What matters most first, as a narrow terminal shows the beginning; undefined for a single copy, which says as much itself. */
  text(): string | undefined {
    if (this.copies < 2) return undefined;
    return `Total: ${this.progress.brief()}, ${this.amount()}, ${this.counts()}`;
  }

  /** Where nothing more comes; undefined for a single copy, and where nothing was copied. */
  endText(nowMs: number): string | undefined {
    const { bytes, startedMs } = this.progress;
    if (this.copies < 2 || bytes === 0 || nowMs <= startedMs) return undefined;
    const rate = (bytes * 1000) / (nowMs - startedMs);
    return `Total: ${this.amount()}, ${formatBytes(rate)}/s on average, ${this.counts()}`;
  }

  private amount(): string {
    const { bytes, total } = this.progress;
    return `${formatBytes(bytes)} of ${this.open > 0 ? 'at least ' : ''}${formatBytes(total)}`;
  }

  private counts(): string {
    const copies = Math.max(this.copies, this.copiesDone);
    return `${this.copiesDone} of ${copies} copies done, ${this.vmsDone} of ${plural(this.vms, 'VM')} done`;
  }
}
