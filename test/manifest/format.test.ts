import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { exampleFile, starterFiles } from '../../src/cli/starter-files.js';
import { formatText } from '../../src/manifest/format/format-text.js';
import { haveSameMeaning } from '../../src/manifest/format/same-meaning.js';
import { parseYaml } from '../../src/manifest/yaml/parse-yaml.js';
import { fullMigration, fullProject } from './full-documents.js';

const valuesOf = (text: string): unknown => parseYaml('', text).documents.map(({ value }) => value);
const twice = (text: string): string => {
  const once = formatText(text);
  expect(once, text).toBeDefined();
  expect(formatText(once!)).toBe(once);
  expect(valuesOf(once!)).toEqual(valuesOf(text));
  return once!;
};

describe('the one layout', () => {
  test.each<[string, string, string]>([
    [
      'keys stand in the order of the schema, unknown ones last',
      'spec:\n  x: 1\n  phase: seed\n  source: {vm: a, provider: v}\nkind: Migration\nmetadata: {labels: {b: c, a: d}, name: n}\n',
      'kind: Migration\nmetadata: {name: n, labels: {b: c, a: d}}\nspec:\n  source: {provider: v, vm: a}\n  phase: seed\n  x: 1\n',
    ],
    ['what is no document of ours keeps its order', 'b:   1\na: {d: 2,   c: 3}\n', 'b: 1\na: {d: 2, c: 3}\n'],
    ['two spaces a level, and before the items of a list', 'a:\n     b:\n     - c\n     -   d\n', 'a:\n  b:\n    - c\n    - d\n'],
    ['blank lines are single', 'a: 1\n\n\n\nb: 2\n\n\n', 'a: 1\n\nb: 2\n'],
    [
      'quotes and numbers stay as they are written',
      'a: "yes"\nb: \'on\'\nc: 0777\nd: 0x1F\ne: 12345678901234567890\nf: ~\ng:\nh: 1.50\ni: "\\u202e"\n',
      'a: "yes"\nb: \'on\'\nc: 0777\nd: 0x1F\ne: 12345678901234567890\nf: ~\ng:\nh: 1.50\ni: "\\u202e"\n',
    ],
    ['a long line is not broken', `a: ${'word '.repeat(50)}end\n`, `a: ${'word '.repeat(50)}end\n`],
    [
      'a comment moves with what it stands at',
      'kind: Migration\nspec:\n  # how far\n  phase: seed # for now\n  # from where\n  source: {vm: a}\n',
      'kind: Migration\nspec:\n  # from where\n  source: {vm: a}\n  # how far\n  phase: seed # for now\n',
    ],
    [
      'what stands at the top stays at the top',
      '# yaml-language-server: $schema=x\nkind: Migration\napiVersion: v\n',
      '# yaml-language-server: $schema=x\napiVersion: v\nkind: Migration\n',
    ],
    [
      'a comment behind a colon stays on its line',
      'a: # of a\n- 1\nb:   # of b\n    c: 1\n',
      'a: # of a\n  - 1\nb: # of b\n  c: 1\n',
    ],
    [
      'a comment behind a list that is not indented is that of the next field',
      'kind: Migration\nspec:\n  target:\n    server:\n      networks:\n      - a\n      # who pays\n      name: x\n',
      'kind: Migration\nspec:\n  target:\n    server:\n      networks:\n        - a\n      # who pays\n      name: x\n',
    ],
    ['a comment of a block scalar stays', 'a: >- # why\n  b\n  c\n', 'a: >- # why\n  b c\n'],
    [
      'comments before and behind a separator',
      '# vim: x\n---\na: 1\n# end\n\n---\nb: 2\n',
      '# vim: x\n---\na: 1\n\n# end\n---\nb: 2\n',
    ],
    [
      'anchors, aliases, tags and ends of documents',
      'a: &x {b: 1}\nc: *x\nd: !!str 1\n...\n',
      'a: &x {b: 1}\nc: *x\nd: !!str 1\n...\n',
    ],
    [
      'an order that would put an alias before its anchor is not taken',
      'kind: &k Migration\napiVersion: *k\n',
      'kind: &k Migration\napiVersion: *k\n',
    ],
    [
      'line ends of Windows, and a byte order mark',
      '\ufeffa:   1\r\nb: |\r\n  c\r\n  d\r\n',
      '\ufeffa: 1\r\nb: |\r\n  c\r\n  d\r\n',
    ],
    ['a file of comments alone', '# nothing yet\n\n# at all\n', '# nothing yet\n\n# at all\n'],
    ['no file at all', '', ''],
  ])('%s', (_, text, expected) => {
    expect(twice(text)).toBe(expected);
  });

  test('a text with controls is not formatted: YAML has none', () => {
    expect(formatText('a:   "\u001b]0;x"\n')).toBeUndefined();
  });

  const examples = readdirSync('examples', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml') && !/^invalid|github|gitlab/.test(path))
    .map((path) => [path, readFileSync(`examples/${path}`, 'utf8')] as const);
  const starters = [...starterFiles(), exampleFile].flatMap(({ path, text }) =>
    path.endsWith('.yaml') ? [[path, text] as const] : [],
  );
  test.each([...examples, ...starters])('what we show people is laid out so: %s', (_, text) => {
    expect(twice(text)).toBe(text);
  });
});

describe('formatting again changes nothing, and nothing changes what is said', () => {
  const shuffled = (value: unknown): fc.Arbitrary<unknown> => {
    if (Array.isArray(value)) return fc.tuple(...value.map(shuffled));
    if (typeof value !== 'object' || value === null) return fc.constant(value);
    const entries = Object.entries(value).map(([key, inner]) => shuffled(inner).map((now) => [key, now] as const));
    return fc.tuple(...entries).chain((all) => fc.shuffledSubarray(all, { minLength: all.length }).map(Object.fromEntries));
  };
  const layouts = fc.record({
    indent: fc.constantFrom(1, 2, 3, 4),
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 40, 80),
    defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
    collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
    flowCollectionPadding: fc.boolean(),
  });
  /** Comments and blank lines at ends of lines and between them, where the line is no part of a text of several lines. */
  const withComments = (text: string, places: readonly number[]): string =>
    text
      .split('\n')
      .map((line, index) => {
        const place = places[index % places.length] ?? 9;
        const indent = /^[ -]*/.exec(line)![0].replaceAll('-', ' ');
        if (place === 0 && line !== '') return `${line} # behind ${index}`;
        return place === 1 ? `${indent}# before ${index}\n${line}` : place === 2 ? `\n${line}` : line;
      })
      .join('\n');

  test.each([['Migration', fullMigration] as const, ['Project', fullProject] as const])('%s', (_, full) => {
    let formatted = 0;
    fc.assert(
      fc.property(shuffled(full), layouts, fc.array(fc.nat(12), { minLength: 7, maxLength: 40 }), (value, layout, places) => {
        const text = withComments(stringify(value, layout), places);
        if (parseYaml('', text).diagnostics.length > 0) return;
        const once = formatText(text);
        if (once === undefined) return;
        formatted++;
        expect(formatText(once)).toBe(once);
        expect(haveSameMeaning(text, once)).toBe(true);
      }),
      { numRuns: 25, seed: 20261129 },
    );
    expect(formatted).toBeGreaterThan(15);
  });

  test('any text is formatted to something that stays so, or left alone', () => {
    const letters = fc.constantFrom(...'ab:-# \n\t"\'[]{},&*!|>%.?~0\r', '\n  ', ': ', '- ', '\n---\n', ' #');
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        if (parseYaml('', text).diagnostics.length > 0) return;
        const once = formatText(text);
        if (once === undefined) return;
        expect(valuesOf(once)).toEqual(valuesOf(text));
        expect(formatText(once)).toBe(once);
      }),
      { numRuns: 700, seed: 20261129 },
    );
  });

  test('what differs is seen', () => {
    expect(haveSameMeaning('a: 1 # b\n', 'a: 1\n')).toBe(false);
    expect(haveSameMeaning('a: 1\n', "a: '1'\n")).toBe(false);
    expect(haveSameMeaning('a: 1\n---\nb: 1\n', 'a: 1\nb: 1\n')).toBe(false);
    expect(haveSameMeaning('a: &x 1\n', 'a: 1\n')).toBe(false);
    expect(haveSameMeaning('b: 1\na: 1\n', 'a: 1\nb: 1\n')).toBe(true);
  });
});
