import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompletionCommand, completionScript, shells } from '../../src/views/completion/scripts.js';

const commands: readonly CompletionCommand[] = [
  { name: 'apply', summary: "Do what a saved plan says; isn't it", options: [{ name: 'auto-approve', summary: 'Do not ask' }] },
  {
    name: 'plan',
    summary: 'Show what apply would do',
    options: [
      { name: 'out', summary: 'Save it', values: [] },
      { name: 'format', summary: 'For whom', values: ['text', 'json', 'markdown'] },
      { name: 'selector', letter: 'l', summary: 'Labels \\ and "more"', values: [] },
    ],
  },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'));
  for (const shell of shells) await writeFile(join(folder, shell), completionScript(shell, 'migplan', commands));
  await writeFile(join(folder, 'plan.json'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (program: string, args: readonly string[]): string[] =>
  execFileSync(program, args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } })
    .split('\n')
    .filter((line) => line !== '');

/** As the shell calls the function when somebody asks for a completion of the last word. */
const asking = (words: readonly string[]): string => {
  const list = words.map((word) => `'${word}'`).join(' ');
  return `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _migplan; printf '%s\\n' "\${COMPREPLY[@]}"`;
};
const offers: Readonly<Record<(typeof shells)[number], (words: readonly string[]) => string[]>> = {
  bash: (words) => run('bash', ['--norc', '-euc', `source ./bash; ${asking(words)}`]),
  zsh: (words) => run('zsh', ['-fc', `autoload -U compinit; compinit -u; source ./zsh; emulate ksh; ${asking(words)}`]),
  fish: (words) =>
    run('fish', ['--no-config', '-c', `source ./fish; complete -C '${words.join(' ')}'`]).map((line) => line.split('\t')[0]!),
};

describe.each(shells)('a real %s', (shell) => {
  test.each<[string, readonly string[]]>([
    ['migplan pl', ['plan']],
    ['migplan plan --f', ['--format']],
    ['migplan plan --format ma', ['markdown']],
    ['migplan apply --a', ['--auto-approve']],
    ['migplan nonsense --a', []],
  ])('%s', (line, expected) => {
    expect(offers[shell](line.split(' '))).toEqual(expected);
  });

  test('all commands, and files where a file is meant', () => {
    expect(offers[shell](['migplan', '']).sort()).toEqual(['apply', 'plan']);
    // bash and zsh add them themselves where nothing is offered.
    expect(offers[shell](['migplan', 'apply', 'pl'])).toEqual(shell === 'fish' ? ['plan.json'] : []);
  });
});
