import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/openstack-privileges.md', root), 'utf8');
const folder = new URL('src/providers/openstack/', root);
const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n');

/** Actions of servers and volumes: the one key of a body. */
const actions = [...new Set([...source.matchAll(/\{ ?'?(os-[a-z_]+|createImage)'?: /g)].map(([, name]) => name!))].sort();
/** What is made: the last word of a path that is not an id. */
const made = [
  ...new Set([...source.matchAll(/method: 'POST', path: ['`]([^'`]*)/g)].map(([, path]) => path!.replace(/\$\{[^}]*\}/g, 'ID'))),
].sort();

test('every action that is asked for stands in the page', () => {
  expect(actions).toEqual([
    'createImage',
    'os-complete',
    'os-set_bootable',
    'os-set_image_metadata',
    'os-stop',
    'os-unset_image_metadata',
  ]);
  expect(actions.filter((name) => !page.includes(name))).toEqual([]);
  expect([...page.matchAll(/\bos-[a-z_]+\b/g)].map(([name]) => name).filter((name) => !actions.includes(name))).toEqual([
    'os-volume_attachments',
    'os-volume_attachments',
  ]);
});

test('everything that is made stands in the page', () => {
  expect(made.length).toBeGreaterThan(5);
  const names = made.map(
    (path) =>
      path
        .split('/')
        .filter((part) => part !== 'ID' && part !== '')
        .at(-1) ?? '',
  );
  // An action is asked for by its own name.
  const wanted = names.filter((name) => !['', 'action'].includes(name));
  expect(wanted.filter((name) => !page.includes(`/${name}`))).toEqual([]);
});
