import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { requirements } from '../../src/host/program.js';
import { debianAdvice } from './debian-advice.js';

/** Files of an installed package; fails when there is no such package. */
const filesOf = (name: string): string[] => execFileSync('dpkg-query', ['-L', name], { encoding: 'utf8' }).split('\n');
const holds = (name: string, program: string): boolean => filesOf(name).some((path) => path.endsWith(`/${program}`));

test.each(Object.entries(requirements))('apt-get install, as advised for %s, brings it', (program, { debian }) => {
  expect(holds(debian, program)).toBe(true);
});

test.each(debianAdvice.flatMap(({ brings }) => brings))('apt-get install $name brings $file', ({ name, file }) => {
  expect(holds(name, file)).toBe(true);
});
