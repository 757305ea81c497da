import { readFileSync } from 'node:fs';
import { commandsFor, lastWords } from './commands.js';

/**
 * Prints the shell commands the wrapper goes on with. Arguments: the wrapper's directory, its process id, whether standard input is
 * the password, and nbdkit's own.
 */
function main([ownDirectory = '', pid = '', taken = '', ...args]: readonly string[]): Promise<string> {
  const password = taken === '' ? undefined : readFileSync(0, 'utf8');
  return commandsFor({ ownDirectory, pid: Number(pid), path: process.env['PATH'] ?? '', password, args });
}

main(process.argv.slice(2)).then(
  (commands) => process.stdout.write(`${commands}\n`),
  (error: unknown) => {
    process.stderr.write(`${lastWords(error)}\n`);
    process.exitCode = 1;
  },
);
