import { AsyncLocalStorage } from 'node:async_hooks';
import type { Secret } from './secret.js';

export interface StartedProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** Struck from what it says however short they are. */
  readonly secrets: readonly Secret[];
}

/** What one start of one program says. Nothing waits for it to be kept, and that it cannot be kept is no error of the program. */
export interface ProgramLog {
  said(chunk: Buffer): void;
  /** We end it: what it says of that is no complaint, and its status no failure. */
  stopping(): void;
  /** `status` as ChildExit has it. */
  ended(status: number): void;
}

/** Where programs leave what they say, by what they work on. */
export interface ProgramLogs {
  begin(program: StartedProgram): ProgramLog;
  /** For programs that work on a part of it: a VM of a run, a disk of a VM. */
  within(part: string): ProgramLogs;
  /** Paths of the logs in which a program failed or complained, of this part and those within it. */
  telling(): readonly string[];
}

const current = new AsyncLocalStorage<ProgramLogs | undefined>();

/** Programs that `work` starts, in whatever layer, are logged there. */
export const loggedIn = <T>(logs: ProgramLogs, work: () => T): T => current.run(logs, work);

/** Programs that `work` starts are logged as those of a part of what is logged here, if anything is. */
export const loggedAs = <T>(part: string, work: () => T): T => {
  const logs = current.getStore();
  return logs === undefined ? work() : current.run(logs.within(part), work);
};

/** undefined: what programs say here is kept in their errors only. */
export const programLogs = (): ProgramLogs | undefined => current.getStore();
