import { uninterrupted, untilInterrupted } from '../host/interruption.js';
import type { PlanProgress } from '../state/state-folder.js';
import type { ApplyRequest } from './apply-request.js';

/** The durable note of how far a plan has come; what makes a second run of it continue and a third do nothing. */
export class PlanRecord {
  private current: PlanProgress | undefined;
  /** Not begun yet; undefined: nothing is to be written. */
  private next: Promise<void> | undefined;
  private last: Promise<void> = Promise.resolve();
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

  /** What is changed while it is being written goes into the next write together: each has all of it, however many VMs there are. */
  private change(edit: (progress: PlanProgress) => PlanProgress): Promise<void> {
    this.current = edit(this.current ?? this.nothing());
    this.next ??= uninterrupted(() => this.last.then(() => this.write()));
    this.last = this.next.catch(() => undefined);
    // Whose VM is lost meanwhile does not end what others wait for.
    return untilInterrupted(this.next);
  }

  private write(): Promise<void> {
    this.next = undefined;
    return this.request.state.writePlanProgress(this.current!);
  }

  private nothing(): PlanProgress {
    const { plan, tools } = this.request;
    return { plan: plan.plan.id, startedAt: tools.clock.now().toISOString(), begun: [], done: [], by: tools.hostName };
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
