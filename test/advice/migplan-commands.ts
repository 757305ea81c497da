import { Parser } from '@oclif/core';
import { commandClass, commandNames } from '../cli/command-classes.js';

// The longest first: `runs list` before a command `runs` could be.
const names = commandNames.toSorted((one, other) => other.length - one.length).join('|');
const command = new RegExp(`migplan (${names})((?: (?:--[a-z-]+|[A-Z]+\\b|vm/NAME|plan\\.json|<…>))*)`, 'g');
const options = /(?<![\w-])--[a-z][a-z-]*/g;

/** Parses every command of migplan in a text as the command line would. Rejects where one does not fit; tells how many there were. */
export async function parseAdvised(text: string): Promise<number> {
  const commands = [...text.matchAll(command)];
  for (const [, name, rest = ''] of commands) {
    // A folder that exists, a number, a machine type, a name.
    const argv = rest
      .replace('DIR', '.')
      .replace('--parallelism <…>', '--parallelism 1')
      .replace('<…>', 'pc')
      .split(' ')
      .filter((word) => word !== '');
    const { baseFlags, flags = {}, args = {} } = await commandClass(name!);
    await Parser.parse(argv, { flags: { ...baseFlags, ...flags }, args, strict: true } as never);
  }
  return commands.length;
}

/** Options that stand alone, such as "or pass --auto-approve": of some command they must be. */
export async function unknownOptions(text: string): Promise<readonly string[]> {
  const classes = await Promise.all(commandNames.map(commandClass));
  const known = new Set(classes.flatMap(({ baseFlags, flags = {} }) => Object.keys({ ...baseFlags, ...flags })));
  const alone = text.replace(/(?:openstack|nbdkit|rbd) [^;&]*/g, '').match(options) ?? [];
  return alone.filter((option) => !known.has(option.slice(2)));
}
