import { readdirSync } from 'node:fs';
import type { BaseCommand } from '../../src/cli/base-command.js';

const folder = new URL('../../src/commands/', import.meta.url);

/** As they are typed: `plan`, `runs list`. */
export const commandNames: readonly string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace('.ts', '').replaceAll('/', ' '))
  .sort();

export type CommandClass = Pick<typeof BaseCommand, 'baseFlags' | 'examples'> & {
  readonly flags?: object;
  readonly args?: object;
};

export async function commandClass(name: string): Promise<CommandClass> {
  const path = new URL(`${name.replaceAll(' ', '/')}.ts`, folder).pathname;
  return ((await import(path)) as { default: CommandClass }).default;
}

/** The command that a line of words begins with; undefined: none. */
export const commandIn = (words: readonly string[]): string | undefined =>
  [words.slice(0, 2).join(' '), words[0] ?? ''].find((name) => commandNames.includes(name));
