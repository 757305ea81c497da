import { expect, test } from 'vitest';
import { commandsOf, fencesIn, fencesOf, pages } from './fences.js';

// sh: to be typed, and typed by test/e2e/documents.e2e.test.ts. text: what a program prints, a picture, what cannot be run here.
const languages = ['sh', 'text', 'yaml', 'json', 'dot', 'ini', 'dockerfile'];

test('every block of code says what it is', () => {
  const silent = pages.flatMap(fencesOf).filter(({ language }) => !languages.includes(language));
  expect(silent.map(({ page, line, language }) => `${page}:${line}: ${language || 'says nothing'}`)).toEqual([]);
});

test('commands in a block of text are found out: they are to be run', () => {
  const hidden = pages
    .flatMap(fencesOf)
    .filter(({ language, text }) => language === 'text' && /^\s*(?:sudo |npm |migplan [a-z]+)/m.test(text));
  expect(hidden.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
});

test('blocks are found, also in quotations and lists, with the line they begin in', () => {
  const text = 'a\n```sh\nx \\\n  y # why\n\n# nothing\nz#1\n```\n> ~~~yaml a.yaml\n> k: 1\n> ~~~\n  ```\n  t\n  ```\n';
  const found = fencesIn('p', text);
  expect(found.map(({ language, line }) => `${language}@${line}`)).toEqual(['sh@2', 'yaml@9', '@12']);
  expect(commandsOf(found[0]!)).toEqual(['x    y', 'z#1']);
});
