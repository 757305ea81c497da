import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProject } from '../../src/manifest/load.js';
import { fencesOf } from '../docs/fences.js';
import { inFolder, projectText } from './in-folder.js';

const load = (state: string) =>
  inFolder({ 'migplan.yaml': projectText(`  state: ${state}\n`) }, async (cwd) => ({
    cwd,
    ...(await loadProject({ cwd, env: { HOME: '/home/me' } })),
  }));

const source = expect.anything() as unknown;

describe('spec.state of type http', () => {
  test('locks where the state is, in the words of the protocol, unless it says otherwise', async () => {
    const { project } = await load('{type: http, address: "http://states:8080/s/{name}?x=1"}');
    const address = 'http://states:8080/s/{name}?x=1';
    expect(project?.state).toEqual({
      type: 'http',
      ...{ address, lockAddress: address, unlockAddress: address },
      ...{ lockMethod: 'LOCK', unlockMethod: 'UNLOCK' },
      project: project?.name,
    });
  });

  test('unlocks where it locks; the login may be elsewhere, and paths are below the folder of the Project', async () => {
    const { project, cwd } = await load(
      '{type: http, address: "https://h/{name}", lockAddress: "https://h/{name}/lock", lockMethod: POST, unlockMethod: DELETE, user: me, password: "env:P", name: acme, caFile: ca.pem}',
    );
    expect(project?.state).toMatchObject({
      ...{ lockAddress: 'https://h/{name}/lock', unlockAddress: 'https://h/{name}/lock' },
      ...{ lockMethod: 'POST', unlockMethod: 'DELETE', project: 'acme', caFile: join(cwd, 'ca.pem') },
      login: { user: 'me', password: { kind: 'env', name: 'P', source } },
    });
    const other = await load('{type: http, address: "https://h/{name}", user: "file:~/user", password: "file:password"}');
    expect(other.project?.state).toMatchObject({
      login: { user: { kind: 'file', path: '/home/me/user' }, password: { path: join(other.cwd, 'password') } },
    });
  });

  test.each([
    ['{type: http}', '8:3 MP1003', 'state.address is missing'],
    ['{type: http, address: "https://h/x"}', '8:32 MP1018', 'not shown'],
    ['{type: http, address: "https://CorrectHorse9@h/{name}"}', '8:32 MP1018', 'not shown'],
    ['{type: http, address: "https://u:CorrectHorse9@h/{name}"}', '8:32 MP1018', 'without user and password'],
    ['{type: http, address: "CorrectHorse9"}', '8:32 MP1018', 'with {name} in its path'],
    ['{type: http, address: "ftp://h/{name}"}', '8:32 MP1018', 'of http or https'],
    ['{type: http, address: "https://{name}.h/"}', '8:32 MP1018', 'in its path'],
    ['{type: http, address: "https://h:70000/{name}"}', '8:32 MP1018', 'spec.state.address is no URL'],
    [`{type: http, address: "https://h/{name}${'a'.repeat(160)}"}`, '8:32 MP1018', 'leaves no room'],
    ['{type: http, address: "https://h/{name}", lockAddress: "https://h/lock"}', '8:65 MP1018', 'lockAddress'],
    [
      '{type: http, address: "https://h/{name}", unlockAddress: "https://h:70000/{name}"}',
      '8:67 MP1018',
      'unlockAddress is no URL',
    ],
    ['{type: http, address: "https://h/{name}", password: "CorrectHorse9"}', '8:62 MP1018', 'reference to a secret'],
    ['{type: http, address: "https://h/{name}", password: "env:P"}', '8:52 MP1003', 'has a password and no user'],
    ['{type: http, address: "https://h/{name}", user: me}', '8:52 MP1003', 'has a user and no password'],
    ['{type: http, address: "https://h/{name}", lockMethod: post}', '8:64 MP1005', 'post'],
    ['{type: http, address: "https://h/{name}", lockMethod: POST}', '8:64 MP1030', 'POST writes the state'],
    [
      '{type: http, address: "https://h/{name}", unlockMethod: DELETE}',
      '8:66 MP1030',
      'at the same address DELETE removes the state',
    ],
    [
      '{type: http, address: "https://h/{name}", lockAddress: "https://h/{name}/l", lockMethod: PUT, unlockMethod: PUT}',
      '8:118 MP1030',
      'PUT locks it',
    ],
    ['{type: http, address: "https://h/{name}", url: "env:X"}', '8:52 MP1002', 'no field "url"'],
    ['{type: https, address: "https://h/{name}"}', '8:17 MP1005', 'https'],
  ])('%s is told with its place', async (state, place, words) => {
    const { diagnostics, project } = await load(state);
    const [found] = diagnostics.filter(({ code }) => code !== 'MP1014');
    expect(project).toBeUndefined();
    expect(`${found!.source!.start.line}:${found!.source!.start.column} ${found!.code}`).toBe(place);
    expect(found!.detail).toContain(words);
    expect(found!.nextSteps?.length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnostics)).not.toContain('CorrectHorse9');
  });
});

test('what docs/state.md shows can be pasted', async () => {
  const shown = fencesOf('docs/state.md').filter(({ language }) => language === 'yaml');
  const types = await Promise.all(
    shown.map(({ text }) =>
      inFolder({ 'migplan.yaml': projectText(text.replace(/^spec:\n/, '')) }, async (cwd) => {
        const { project, diagnostics } = await loadProject({ cwd, env: {} });
        expect(diagnostics.filter(({ code }) => code !== 'MP1014')).toEqual([]);
        return project?.state.type;
      }),
    ),
  );
  expect(types).toEqual(['pg', 'http']);
});
