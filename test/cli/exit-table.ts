import { type ExitName, exitCodes, exitCommands } from '../../src/diag/exit-codes.js';
import { commandIn } from './command-classes.js';

const nameOf = (code: number): ExitName | undefined =>
  (Object.keys(exitCodes) as ExitName[]).find((name) => exitCodes[name] === code);

/** Whether the table of exit codes has a row for this command and this code. What names no command has the rows of all. */
export function isInExitTable(args: readonly string[], code: number): boolean {
  const name = nameOf(code);
  const commands = name === undefined ? [] : exitCommands[name];
  const command = commandIn(args);
  return commands === 'every' || (command !== undefined && commands.includes(command));
}
