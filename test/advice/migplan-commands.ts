import { readdirSync } from 'node:fs';
import { Parser } from '@oclif/core';
import type { BaseCommand } from '../../src/cli/base-command.js';

const folder = new URL('../../src/commands/', import.meta.url);
const names = readdirSync(folder).map((file) => file.replace('.ts', ''));
const command = new RegExp(`migplan (${names.join('|')})((?: (?:--[a-z-]+|[A-Z]+\\b|vm/NAME|plan\\.json|<…>))*)`, 'g');
const options = /(?<![\w-])--[a-z][a-z-]*/g;

type Parsed = Pick<typeof BaseCommand, 'baseFlags'> & { readonly flags?: object; readonly args?: object };

async function classOf(name: string): Promise<Parsed> {
  const module = (await import(new URL(`${name}.js`, folder).pathname.replace(/\.js$/, '.ts'))) as { default: Parsed };
  return module.default;
}

/** Parses every command of migplan in a text as the command line would. Rejects where one does not fit; tells how many there were. */
export async function parseAdvised(text: string): Promise<number> {
  const commands = [...text.matchAll(command)];
  for (const [, name, rest = ''] of commands) {
    // A folder that exists, a machine type, a name.
    const argv = rest
      .replace('DIR', '.')
      .replace('<…>', 'pc')
      .split(' ')
      .filter((word) => word !== '');
    const { baseFlags, flags = {}, args = {} } = await classOf(name!);
    await Parser.parse(argv, { flags: { ...baseFlags, ...flags }, args, strict: true } as never);
  }
  return commands.length;
}

/** Options that stand alone, such as "or pass --auto-approve": of some command they must be. */
export async function unknownOptions(text: string): Promise<readonly string[]> {
  const classes = await Promise.all(names.map(classOf));
  const known = new Set(classes.flatMap(({ baseFlags, flags = {} }) => Object.keys({ ...baseFlags, ...flags })));
  const alone = text.replace(/(?:openstack|nbdkit|rbd) [^;&]*/g, '').match(options) ?? [];
  return alone.filter((option) => !known.has(option.slice(2)));
}
