import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { requirements } from '../../src/host/program.js';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const installed = /install --yes --no-install-recommends \\\n([\s\S]*?) {4}&&/
  .exec(read('Containerfile'))![1]!
  .split('\n')
  .map((line) => line.replace('\\', '').trim())
  .filter((name) => name !== '');

/** What a checkout is made ready with. */
function setUp(): string[] {
  const script = read('scripts/setup.mjs');
  const [, list] = /const packages = \[([\s\S]*?)\.\.\./.exec(script)!;
  const [, kernel] = /const kernelPackage = '([^']+)'/.exec(script)!;
  return [...[...list!.matchAll(/'([^']+)'/g)].map(([, name]) => name!), kernel!];
}

/** For the steps of the example pipelines, and for a conversion host that is another machine. */
const besides = ['curl', 'git', 'openssh-client'];

/** What libguestfs-tools depends on, and what no Debian is without. */
const cameAlong = ['guestfish', 'coreutils', 'util-linux', 'bash'];

test('the container has the packages that setup installs, and what pipelines call', () => {
  expect(setUp().length).toBeGreaterThan(8);
  expect(installed).toEqual([...setUp(), ...besides].toSorted());
});

test('and with them every program that migplan looks for', () => {
  const wanted = Object.values(requirements).map(({ debian }) => debian);
  expect(wanted.filter((name) => ![...installed, ...cameAlong].includes(name))).toEqual([]);
});

test('docs/install.md names no other package', () => {
  const [, line] = /apt-get install --yes ([^\n]+)/.exec(read('docs/install.md'))!;
  expect(line!.split(' ').filter((name) => !installed.includes(name))).toEqual([]);
});
