import { TIMING_DEFAULTS } from './config.js';
import { readObject } from './property-collector.js';
import { backoffMs, Deadline } from './soap/backoff.js';
import type { Session } from './soap/session.js';
import { isFault, VimFault } from './soap/vim-fault.js';
import type { Moref, Vim } from './wsdl/vim.js';

const UNFINISHED = new Set(['queued', 'running']);
const POLL_BACKOFF = { firstMs: 500, longestMs: 5_000 };

/** How a task ended without an error. vCenter forgets finished tasks: what a forgotten one did must be seen by its effect. */
type TaskEnd = { readonly kind: 'success'; readonly result: unknown } | { readonly kind: 'forgotten' };

interface TaskWait {
  /** The call that started it, for messages. */
  readonly call: string;
  readonly timeoutMs?: number;
}

/** Waits for a task to end. Throws VimFault: the task's own fault, or Timedout when it takes too long. */
export async function waitForTask(session: Session, task: Moref, { call, timeoutMs }: TaskWait): Promise<TaskEnd> {
  const { clock, random } = session.environment;
  const deadline = new Deadline(clock, timeoutMs ?? TIMING_DEFAULTS.taskTimeoutMs);
  for (let polls = 0; ; polls++) {
    const info = await readTask(session, task);
    if (info === undefined) return { kind: 'forgotten' };
    if (info.state === 'success') return { kind: 'success', result: info.result };
    if (info.state === 'error') throw taskFault(call, info);
    if (deadline.hasPassed)
      throw timedOut(call, `task ${task.value} has not ended after ${Math.round(deadline.afterMs / 1000)} s`);
    await clock.sleep(backoffMs(POLL_BACKOFF, polls, random));
  }
}

/** undefined when vCenter does not know the task any more. */
async function readTask(session: Session, task: Moref): Promise<Vim<'TaskInfo'> | undefined> {
  try {
    return (await readObject(session, task, ['info'])).object('info', 'TaskInfo');
  } catch (error) {
    if (isFault(error, 'ManagedObjectNotFound')) return undefined;
    throw error;
  }
}

/** Waits for a task that somebody started, until it has ended or for as long as it is worth; how it ends is not our concern. */
export async function waitForForeignTask(session: Session, task: Moref, wait: TaskWait): Promise<void> {
  try {
    await waitForTask(session, task, wait);
  } catch (error) {
    if (!(error instanceof VimFault)) throw error;
  }
}

/** Waits for the tasks of a VM that are under way and do what `doing` says, such as /createSnapshot/i. */
export async function waitForTasksUnderWay(
  session: Session,
  vm: Moref,
  wait: TaskWait & { readonly doing: RegExp },
): Promise<void> {
  for (const task of (await readObject(session, vm, ['recentTask'])).morefs('recentTask')) {
    const info = await readTask(session, task);
    const isUnderWay =
      info !== undefined && UNFINISHED.has(info.state) && wait.doing.test(`${info.descriptionId} ${info.name ?? ''}`);
    if (isUnderWay) await waitForForeignTask(session, task, wait);
  }
}

const timedOut = (call: string, text: string): VimFault => new VimFault(call, { $type: 'Timedout', faultMessage: [] }, text);

function taskFault(call: string, { error, key }: Vim<'TaskInfo'>): VimFault {
  if (error !== undefined) return new VimFault(call, error.fault, error.localizedMessage ?? '');
  return new VimFault(call, { $type: 'MethodFault', faultMessage: [] }, `task ${key} failed without a reason`);
}
