import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalog } from '../../src/diag/catalog.js';
import { exitCodes, exitMeanings } from '../../src/diag/exit-codes.js';

const src = join(import.meta.dirname, '../../src');
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && path !== 'diag/catalog.ts')
  .map((path) => readFileSync(join(src, path), 'utf8'))
  .join('\n');

test.each(Object.entries(catalog))('%s is said somewhere, and its summary is a title', (code, summary) => {
  expect(sources).toContain(code);
  expect(summary).toMatch(/^\S.*[^.\s]$/);
});

test('no two codes have the same summary, no two exits the same number', () => {
  expect(new Set(Object.values(catalog)).size).toBe(Object.keys(catalog).length);
  expect(new Set(Object.values(exitCodes)).size).toBe(Object.keys(exitCodes).length);
  expect(Object.keys(exitMeanings)).toEqual(Object.keys(exitCodes));
});
