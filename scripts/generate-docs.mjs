#!/usr/bin/env node
// Writes docs/diagnostics.md, docs/exit-codes.md, docs/checks.md and docs/commands.md from the compiled program.
// With --check nothing is written, and the exit code is 1 when one of them is not what it would be.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Config } from '@oclif/core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiled = (module) => import(pathToFileURL(join(root, 'dist/src', module)).href);
const note = '<!-- Written by scripts/generate-docs.mjs; do not edit. -->';

async function diagnosticsPage() {
  const { catalog } = await compiled('diag/catalog.js');
  const { codeGroups } = await compiled('diag/code-groups.js');
  const codes = Object.entries(catalog).sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = Object.entries(codeGroups).map(([digit, title]) => {
    const rows = codes.filter(([code]) => code[2] === digit).map(([code, summary]) => `| ${code} | ${summary} |`);
    return [`## MP${digit}xxx: ${title}`, '', '| code | summary |', '|---|---|', ...rows, ''].join('\n');
  });
  const intro =
    'Every error and warning has a code, a summary, the place it is about, what is true, and what to do next. ' +
    'Codes and summaries are public interface; the other words are not. A code is never given to something else. ' +
    'What to look at in which order says [troubleshooting.md](troubleshooting.md).';
  return ['# Diagnostics', '', note, '', intro, '', ...sections].join('\n');
}

async function exitCodesPage() {
  const { exitCodes, exitCommands, exitMeanings } = await compiled('diag/exit-codes.js');
  const given = (commands) => (commands === 'every' ? 'every command' : commands.map((name) => `\`${name}\``).join(', '));
  const rows = Object.entries(exitCodes).map(
    ([name, code]) => `| ${code} | ${exitMeanings[name]} | ${given(exitCommands[name])} |`,
  );
  const intro =
    'Any code but 0 is a failure to a simple wrapper; the higher ones tell a pipeline what to do next. With and without `--json` they are the ' +
    'same. A command that is not named beside a signal is ended by it at once, which a shell tells with the same number.';
  const head = ['| code | meaning | given by |', '|---|---|---|'];
  return ['# Exit codes', '', note, '', intro, '', ...head, ...rows, ''].join('\n');
}

async function checksPage() {
  const { checkTable } = await compiled('plan/checks/check-table.js');
  const tried = { migration: 'observed', together: 'observed, all VMs of the plan', look: 'tried out' };
  const rows = Object.entries(checkTable).map(
    ([id, { about, looksAt, kind, says }]) => `| ${id} | ${about} | ${looksAt} | ${tried[kind]} | ${says.join(', ')} |`,
  );
  const intro =
    'What could stop a migration is looked for by `plan`, again right before the first action of each VM, and once more right ' +
    'before its first step that cannot be taken back (power-off, conversion, the copy made final). A later look only finds what has changed since. ' +
    '`doctor` runs the same list without a plan. What the machine that plans lacks is a warning there, because another one may apply; before a VM is touched it is an error.';
  const head = ['| check | about | looks at | how | says |', '|---|---|---|---|---|'];
  return ['# Checks', '', note, '', intro, '', ...head, ...rows, ''].join('\n');
}

/** Our own commands, by name; the others are oclif's. */
async function ourCommands() {
  const config = await Config.load({ root, ignoreManifest: true });
  const own = config.commands.filter(({ id }) => existsSync(join(root, `dist/src/commands/${id.replaceAll(':', '/')}.js`)));
  return own.sort((a, b) => (a.id < b.id ? -1 : 1));
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function flagRow([name, flag]) {
  const short = flag.char === undefined ? '' : `-${flag.char}, `;
  const value = flag.type === 'boolean' ? '' : ` ${flag.options?.join('\\|') ?? flag.helpValue ?? 'VALUE'}`;
  const long = flag.allowNo ? `--[no-]${name}` : `--${name}`;
  const given = flag.default === undefined || flag.type === 'boolean' ? '' : ` Default: ${flag.default}.`;
  return `| \`${short}${long}${value}\` | ${cell(flag.summary ?? flag.description ?? '')}${given} |`;
}

function commandSection(command) {
  const words = command.id.replaceAll(':', ' ');
  const args = Object.values(command.args ?? {}).map(({ name, required }) =>
    required ? name.toUpperCase() : `[${name.toUpperCase()}]`,
  );
  const examples = (command.examples ?? []).map((example) =>
    String(example).replaceAll('<%= config.bin %>', 'migplan').replaceAll('<%= command.id %>', words),
  );
  const flags = Object.entries(command.flags ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `## migplan ${[words, ...args].join(' ')}`,
    '',
    command.summary,
    ...(command.description === undefined ? [] : ['', command.description]),
    '',
    '| option | |',
    '|---|---|',
    ...flags.map(flagRow),
    ...(examples.length === 0 ? [] : ['', '```sh', ...examples, '```']),
    '',
  ].join('\n');
}

async function commandsPage() {
  const commands = await ourCommands();
  return ['# Commands', '', note, '', ...commands.map(commandSection)].join('\n');
}

const pages = {
  'docs/diagnostics.md': await diagnosticsPage(),
  'docs/exit-codes.md': await exitCodesPage(),
  'docs/checks.md': await checksPage(),
  'docs/commands.md': await commandsPage(),
};

const textOf = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const stale = Object.entries(pages).filter(([path, text]) => textOf(join(root, path)) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`${path} is out of date: node scripts/generate-docs.mjs`);
  process.exit(stale.length === 0 ? 0 : 1);
}
for (const [path, text] of stale) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(path);
}
