import { readdirSync, readFileSync } from 'node:fs';
import { Parser } from '@oclif/core';
import { describe, expect, test } from 'vitest';
import { commandClass, commandIn, commandNames } from '../cli/command-classes.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
/** What is written for users. docs/adr tells what was decided at its time. */
const files = ['README.md', 'CONTRIBUTING.md', ...list('docs'), ...list('examples')];

function list(folder: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.startsWith('adr/') && !path.includes('node_modules'))
    .map((path) => `${folder}/${path}`);
}

interface Written {
  readonly command: string;
  /** Inside of a sentence, which may name a command without all that it cannot do without. */
  readonly isNamed: boolean;
}

/** Commands in a text: in lines of blocks of code, and in code inside of a sentence. */
function commandsOf(text: string): Written[] {
  const blocks = [...text.matchAll(/```[^\n]*\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!.replaceAll('\\\n', ' ').split('\n'),
  );
  const inline = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  return [...found(blocks, false), ...found(inline, true)];
}

const found = (lines: readonly string[], isNamed: boolean): Written[] =>
  lines
    .flatMap((line) => line.split(/&&|\|\||[|;]/))
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    // Where the shell puts what is printed.
    .map((line) => line.replace(/\s>{1,2}\s?[^\s>]+$/, ''))
    .filter((line) => /^(?:\$ )?migplan [a-z]/.test(line))
    .map((line) => ({ command: line.replace(/^\$ /, ''), isNamed }));

/** What stands for a value, as in a manual: [--out F], NAME, FILE. */
const VALUES: Readonly<Record<string, string>> = { N: '2', DIR: '.', D: '.' };

const wordsOf = (command: string): string[] =>
  (command.replaceAll(/[[\]…]/g, '').match(/'[^']*'|"[^"]*"|\S+/g) ?? [])
    .slice(1)
    .map((word) => word.replaceAll(/['"]/g, ''))
    .map((word) => VALUES[word] ?? word);

async function problemOf({ command, isNamed }: Written): Promise<string | undefined> {
  const words = wordsOf(command);
  const name = commandIn(words);
  if (name === undefined) return 'no such command';
  const { baseFlags, flags = {}, args = {} } = await commandClass(name);
  const argv = words.slice(name.split(' ').length);
  try {
    await Parser.parse(argv, { flags: { ...baseFlags, ...flags }, args, strict: true } as never);
    return undefined;
  } catch (error) {
    const said = String(error);
    return isNamed && /[Mm]issing (?:\d+ )?required/.test(said) ? undefined : said;
  }
}

describe('every command of the documents is one that the program takes', () => {
  test.each(files)('%s', async (file) => {
    const problems: string[] = [];
    for (const written of commandsOf(read(file))) {
      const problem = await problemOf(written);
      if (problem !== undefined) problems.push(`${written.command}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });

  test('and they are found', () => {
    expect(files.length).toBeGreaterThan(5);
    expect(files.flatMap((file) => commandsOf(read(file))).length).toBeGreaterThan(30);
  });

  const wrong = ['plan --ouput x', 'aply', 'apply a b', 'export --format csv --provider p --out d', 'export', 'status --vm x'];
  test.each(wrong.map((words) => `migplan ${words}`))('what does not exist is seen: %s', async (command) => {
    expect(await problemOf({ command, isNamed: false })).toBeDefined();
  });
});

describe('what a command shows as an example of itself', () => {
  test.each(commandNames)('%s', async (name) => {
    const { examples = [] } = await commandClass(name);
    const lines = examples
      .map((example) => (typeof example === 'string' ? example : example.command))
      .map((line) => line.replaceAll('<%= config.bin %>', 'migplan').replaceAll('<%= command.id %>', name));
    expect(lines.filter((line) => line.includes(`migplan ${name}`))).not.toEqual([]);
    const written = commandsOf(['```', ...lines, '```'].join('\n'));
    const problems = await Promise.all(written.map(problemOf));
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  });
});
