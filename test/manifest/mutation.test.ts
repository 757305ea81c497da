import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasErrors } from '../../src/diag/diagnostic.js';
import type { SourceRange } from '../../src/diag/source-range.js';
import { loadFiles } from './in-folder.js';

const example = (path: string): string => readFileSync(new URL(`../../examples/first/${path}`, import.meta.url), 'utf8');
const project = example('migplan.yaml');
const manifest = example('manifests/win-fs1.yaml');

const fragments = [
  ...[
    '\t',
    '\n',
    ' ',
    ':',
    '- ',
    '&a ',
    '*a',
    '<<: *a',
    '"',
    "'",
    '[',
    '{',
    '}',
    ']',
    '!x ',
    '|',
    '>',
    '#',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
  ],
  ...[
    'null',
    'yes',
    '~',
    '1e999',
    '0x1F',
    '__proto__: x',
    'constructor: {}',
    '? a',
    '🦊',
    'é',
    '\u0000',
    '\ufeff',
    '\r',
    '\u2028',
    ', ',
    '@',
    '`',
  ],
];

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const edits = fc.array(
  fc.record({
    at: fc.nat({ max: 2_000 }),
    remove: fc.oneof(fc.constant(0), fc.nat({ max: 40 })),
    insert: fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 8 }), fc.constant('')),
  }),
  { minLength: 1, maxLength: 5 },
);

const mutate = (text: string, changes: readonly Edit[]): string =>
  changes.reduce((now, { at, remove, insert }) => {
    const start = at % (now.length + 1);
    return now.slice(0, start) + insert + now.slice(start + remove);
  }, text);

/** Lines as YAML counts them: ended by LF, CR LF or CR. */
function expectInside({ file, start, end }: SourceRange, files: Readonly<Record<string, string>>): void {
  const text = files[file];
  expect(text, file).toBeDefined();
  const bytes = Buffer.from(text!);
  expect(start.offset).toBeGreaterThanOrEqual(0);
  expect(end.offset).toBeGreaterThanOrEqual(start.offset);
  expect(end.offset).toBeLessThanOrEqual(bytes.length);
  for (const { line, column, offset } of [start, end]) {
    const before = bytes.subarray(0, offset).toString();
    expect(line).toBe(before.split('\n').length);
    expect(column).toBe(before.length - before.lastIndexOf('\n'));
  }
}

// Whatever is done to a valid project, loading answers: with migrations or with diagnostics that point into the file.
test.each([
  ['manifest', 'manifests/vm.yaml'],
  ['project', 'migplan.yaml'],
])('random edits of the %s never throw', async (_, edited) => {
  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      const files: Record<string, string> = { 'migplan.yaml': project, 'manifests/vm.yaml': manifest };
      files[edited] = mutate(files[edited]!, changes);
      const { diagnostics, migrations } = await loadFiles(files);
      for (const { source, related } of diagnostics) {
        if (source) expectInside(source, files);
        if (related) expectInside(related.source, files);
      }
      const isEmpty = files[edited]!.split('\n').every((line) => /^\s*(#|$)/.test(line));
      if (!isEmpty && !hasErrors(diagnostics)) expect(migrations.length).toBeGreaterThan(0);
      for (const { ranges } of migrations) for (const range of Object.values(ranges)) expectInside(range, files);
    }),
    { numRuns: 120, seed: 20261121 },
  );
});
