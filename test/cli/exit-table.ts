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

const rowOf = (code: number, command: string, isJson: boolean): string => `${code} ${command}${isJson ? ' --json' : ''}`;

/** Every row that names commands, for people and for programs: `4 show`, `4 show --json`. */
export const exitRows: readonly string[] = (Object.keys(exitCodes) as ExitName[]).flatMap((name) => {
  const commands = exitCommands[name];
  if (commands === 'every') return [];
  return commands.flatMap((command) => [false, true].map((isJson) => rowOf(exitCodes[name], command, isJson)));
});

/** The row that this run is of. */
export const exitRowOf = (args: readonly string[], code: number): string =>
  rowOf(code, commandIn(args) ?? '', args.includes('--json'));
