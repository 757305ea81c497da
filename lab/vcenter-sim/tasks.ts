import { setTimeout as sleep } from 'node:timers/promises';
import type { SimClock } from './clock.js';
import { type DataObject, MoRef, type Value } from './soap/value.js';
import { notFoundObject, VimFault } from './soap/vim-fault.js';

/** Real milliseconds. */
const QUEUE_MS = 5;
const RUN_MS = 20;
/** Of the simulated clock, until a task that has ended is forgotten. */
const RETENTION_MS = 10 * 60_000;

export interface TaskRequest {
  /** Method name, such as `CreateSnapshot_Task`. */
  readonly name: string;
  readonly entity: MoRef;
  readonly entityName: string;
  readonly userName: string;
  /** The effect. A VimFault it throws becomes the task's error. */
  readonly work: () => Promise<Value | undefined>;
  /** Called once the task has ended, in whatever way. */
  readonly release?: () => void;
}

interface Task {
  readonly ref: MoRef;
  readonly request: TaskRequest;
  readonly queueTime: Date;
  state: 'queued' | 'running' | 'success' | 'error';
  startTime: Date | undefined;
  completeTime: Date | undefined;
  result: Value | undefined;
  error: VimFault | undefined;
}

/** Asynchronous operations. A call that starts one succeeds; how it ended is in the task. */
export class Tasks {
  private readonly tasks = new Map<string, Task>();
  private readonly running = new Set<Promise<void>>();
  private count = 0;

  constructor(private readonly clock: SimClock) {}

  start(request: TaskRequest): MoRef {
    this.count += 1;
    const ref = new MoRef('Task', `task-${this.count}`);
    const task: Task = {
      ref,
      request,
      queueTime: this.clock.now(),
      state: 'queued',
      startTime: undefined,
      completeTime: undefined,
      result: undefined,
      error: undefined,
    };
    this.tasks.set(ref.value, task);
    const run = this.run(task).finally(() => this.running.delete(run));
    this.running.add(run);
    return ref;
  }

  /** Resolves when nothing runs any more. */
  async settle(): Promise<void> {
    await Promise.all(this.running);
  }

  private async run(task: Task): Promise<void> {
    await sleep(QUEUE_MS);
    task.state = 'running';
    task.startTime = this.clock.now();
    await sleep(RUN_MS);
    try {
      task.result = await task.request.work();
      task.state = 'success';
    } catch (error) {
      task.error = error instanceof VimFault ? error : new VimFault('SystemError', { reason: String(error) }, String(error));
      task.state = 'error';
    }
    task.completeTime = this.clock.now();
    task.request.release?.();
  }

  /** TaskInfo. A task that ended long ago is forgotten: ManagedObjectNotFound. */
  info(ref: MoRef): DataObject {
    const task = this.find(ref);
    const { request, error, state } = task;
    return {
      $type: 'TaskInfo',
      key: ref.value,
      task: ref,
      name: request.name,
      descriptionId: `${request.entity.type}.${request.name.replace(/_Task$/, '')}`,
      entity: request.entity,
      entityName: request.entityName,
      state,
      cancelled: false,
      cancelable: false,
      error:
        error === undefined
          ? undefined
          : { $type: 'LocalizedMethodFault', fault: error.toDataObject(), localizedMessage: error.message },
      result: task.result,
      progress: state === 'running' ? 42 : undefined,
      reason: { $type: 'TaskReasonUser', userName: request.userName },
      queueTime: task.queueTime,
      startTime: task.startTime,
      completeTime: task.completeTime,
      eventChainId: this.count,
    };
  }

  private find(ref: MoRef): Task {
    const task = this.tasks.get(ref.value);
    if (task === undefined || ref.type !== 'Task') throw notFoundObject(ref);
    if (task.completeTime !== undefined && this.clock.now().getTime() - task.completeTime.getTime() > RETENTION_MS) {
      this.tasks.delete(ref.value);
      throw notFoundObject(ref);
    }
    return task;
  }
}
