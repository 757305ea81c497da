import type { Hook, Interfaces } from '@oclif/core';
import suggestCommand from '@oclif/plugin-not-found';
import { exitCodes } from '../diag/exit-codes.js';
import { printable } from '../diag/printable.js';
import { processStreams } from '../views/streams.js';

/**
 * The framework has words behind a command that takes none for a part of the command's name, and would say that there is no such
 * command. Told as it tells them of other commands; what is no command at all is left to the plugin that knows a similar one.
 */
const commandNotFound: Hook.CommandNotFound = async function (options) {
  const words = options.id.split(':');
  const command = commandIn(words, options.config);
  if (command === undefined) return await suggestCommand.call(this, options);
  processStreams.err(unexpected(command, words.slice(command.split(':').length), options.config));
  process.exitCode = exitCodes.error;
  return undefined;
};

export default commandNotFound;

/** The longest command that the words begin with. */
const commandIn = (words: readonly string[], { commandIDs }: Interfaces.Config): string | undefined =>
  words.map((_, index) => words.slice(0, words.length - index).join(':')).find((id) => commandIDs.includes(id));

function unexpected(command: string, words: readonly string[], config: Interfaces.Config): string {
  const typed = `${config.bin} ${command.replaceAll(':', ' ')}`;
  const names = words.map(printable);
  const takesTargets = config.findCommand(command)?.flags['target'] !== undefined;
  const vm = takesTargets ? names.find((name) => name.startsWith('vm/')) : undefined;
  const hint = vm === undefined ? '' : `  - VMs are named with an option: ${typed} --target ${vm}\n`;
  return `Error: Unexpected argument${names.length === 1 ? '' : 's'}: ${names.join(', ')}\n${hint}\nSee: ${typed} --help\n`;
}
