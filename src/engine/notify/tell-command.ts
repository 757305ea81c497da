import type { Diagnostic } from '../../diag/diagnostic.js';
import { type ChildExit, runChild } from '../../host/child.js';
import { findOwnCommand } from '../../host/own-command.js';
import { loggedIn, type ProgramLogs } from '../../host/program-logs.js';
import { ProgramTimeout } from '../../host/program-timeout.js';
import type { OwnCommand } from '../../model/own-command.js';
import { undelivered } from './undelivered.js';

const SAID_LINES_MAX = 10;

/** Gives the notification to the program, and what it says into the logs of the run, if there was one. undefined: it took it. */
export async function tellCommand(
  command: OwnCommand,
  { text, logs }: { readonly text: string; readonly logs: ProgramLogs | undefined },
): Promise<Diagnostic | undefined> {
  const [name] = command.argv;
  const program = await findOwnCommand(command);
  if (program === undefined)
    return undelivered(`the command ${name} is no program that can be run`, {
      nextSteps: ['name a program that this user may run here: with its path, or as PATH finds it'],
    });
  try {
    const { status, stderr } = await run(program, command, { text, logs });
    return status === 0 ? undefined : failed(`the command ${name} ended with ${status}`, stderr);
  } catch (error) {
    if (!(error instanceof ProgramTimeout)) throw error;
    return undelivered(`the command ${name} had not ended after ${command.timeoutMs / 1000} s, and was stopped`, {
      nextSteps: ['let it end sooner, or give it more time in the Project'],
    });
  }
}

function run(
  program: string,
  { argv: [, ...args], folder, timeoutMs }: OwnCommand,
  { text, logs }: { readonly text: string; readonly logs: ProgramLogs | undefined },
): Promise<ChildExit> {
  const work = () => runChild({ program, args, folder, timeoutMs, bytes: Buffer.from(`${text}\n`), logsStdout: true });
  return logs === undefined ? work() : loggedIn(logs, work);
}

const failed = (detail: string, said: string): Diagnostic =>
  undelivered(detail, {
    lines: said
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-SAID_LINES_MAX)
      .map((line) => `it said: ${line}`),
    nextSteps: ['mend the program, or what it needs on this machine; all that it said is in the logs of the run'],
  });
