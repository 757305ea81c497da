import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProject } from '../../src/manifest/load.js';
import { inFolder, projectText } from './in-folder.js';

const load = (notify: string) =>
  inFolder({ 'migplan.yaml': projectText(`  notify: ${notify}\n`) }, async (cwd) => ({
    cwd,
    ...(await loadProject({ cwd, env: { HOME: '/home/me' } })),
  }));

describe('spec.notify', () => {
  test('tells of what ended and what waits, unless it says otherwise', async () => {
    const { project } = await load('{webhook: {url: "env:HOOK"}}');
    expect(project?.notify).toEqual({
      on: ['finished', 'failed', 'needs-approval'],
      webhook: { url: { kind: 'env', name: 'HOOK', source: expect.anything() as unknown }, timeoutMs: 10_000 },
    });
  });

  test('has paths below the folder of the Project, or below HOME', async () => {
    const { project, cwd } = await load(
      '{on: [failed, failed], webhook: {url: "file:~/hook", timeout: 1m, caFile: ca.pem}, command: [./tell, -v], commandTimeout: 2m}',
    );
    expect(project?.notify).toMatchObject({
      on: ['failed'],
      webhook: { url: { kind: 'file', path: '/home/me/hook' }, timeoutMs: 60_000, caFile: join(cwd, 'ca.pem') },
      command: { argv: ['./tell', '-v'], folder: cwd, timeoutMs: 120_000 },
    });
  });

  test.each([
    ['{}', '8:3 MP1003', 'says nobody who is to be told'],
    ['{on: [failed]}', '8:3 MP1003', 'says nobody who is to be told'],
    ['{webhook: {url: "env:H"}, commandTimeout: 5s}', '8:37 MP1018', 'is for a command, and there is none'],
    ['{webhook: {}}', '8:12 MP1003', 'webhook.url is missing'],
    ['{webhook: {url: "https://hooks.example.com/CorrectHorse9"}}', '8:27 MP1018', 'reference to a secret'],
    ['{webhook: {url: "env:H"}, on: [sucess]}', '8:42 MP1005', 'sucess'],
    ['{webhook: {url: "env:H"}, on: []}', '8:41 MP1018', 'notify.on is empty'],
    ['{webhook: {url: "env:H", timeout: never}}', '8:45 MP1018', 'never'],
    ['{webhook: {url: "env:H", header: x}}', '8:36 MP1002', 'no field "header"'],
    ['{command: ./tell}', '8:21 MP1004', 'notify.command'],
    ['{command: []}', '8:21 MP1018', 'notify.command'],
  ])('%s is told with its place', async (notify, place, words) => {
    const { diagnostics, project } = await load(notify);
    const [found] = diagnostics.filter(({ code }) => code !== 'MP1014');
    expect(project).toBeUndefined();
    expect(`${found!.source!.start.line}:${found!.source!.start.column} ${found!.code}`).toBe(place);
    expect(found!.detail).toContain(words);
    expect(found!.nextSteps?.length).toBeGreaterThan(0);
    expect(JSON.stringify(found)).not.toContain('CorrectHorse9');
  });
});
