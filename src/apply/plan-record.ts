import type { PlanProgress } from '../state/state-folder.js';
import type { ApplyRequest } from './apply-request.js';

/** The durable note of how far a plan has come; what makes a second run of it continue and a third do nothing. */
export class PlanRecord {
  private current: PlanProgress | undefined;
  private writes: Promise<void> = Promise.resolve();
  private readonly begun: Set<string>;

  constructor(
    private readonly request: ApplyRequest,
    before: PlanProgress | undefined,
  ) {
    this.current = before;
    this.begun = new Set(before?.begun);
  }

  hasBegun(address: string): boolean {
    return this.begun.has(address);
  }

  private change(edit: (progress: PlanProgress) => PlanProgress): Promise<void> {
    const { plan, state, tools } = this.request;
    const next = this.writes.then(async () => {
      const before = this.current ?? {
        plan: plan.plan.id,
        startedAt: tools.clock.now().toISOString(),
        begun: [],
        done: [],
        by: tools.hostName,
      };
      this.current = edit(before);
      await state.writePlanProgress(this.current);
    });
    this.writes = next.catch(() => undefined);
    return next;
  }

  began(address: string): Promise<void> {
    return this.change((progress) => ({ ...progress, begun: [...this.begun.add(address)] }));
  }
  finished(address: string): Promise<void> {
    return this.change((progress) => ({ ...progress, done: [...new Set([...progress.done, address])] }));
  }
  complete(): Promise<void> {
    return this.change((progress) => ({ ...progress, completedAt: this.request.tools.clock.now().toISOString() }));
  }
}
