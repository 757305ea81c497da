import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePlanFile } from '../../src/plan/file/plan-file.js';
import { reportAdvice } from '../advice/cli-advice.js';
import { samplePlan } from '../plan/sample-plan.js';
import { type Reported, RUN, reported } from './reported.js';

const small = samplePlan();
let world: Reported;
beforeAll(async () => {
  world = await reported({ small }, ['erp-db01', 'win-fs1']);
  expect(await world.report(['small.json'])).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => world[Symbol.asyncDispose]());

describe('the file', () => {
  const plan = 'small.json';
  const text = (name: string): Promise<string> => readFile(join(world.folder, name), 'utf8');

  test('is the same of the same plan, is written over by the next, and the same on stdout', async () => {
    const first = await text('small.html');
    expect(await world.report([plan, '--json'])).toMatchObject({ code: 0, stderr: '' });
    expect(await text('small.html')).toBe(first);
    expect((await world.report([plan, '--out', '-'])).stdout).toBe(first);
    expect((await stat(join(world.folder, 'small.html'))).mode & 0o777).toBe(0o600);
  });

  test('is named where it is not said, and told where it went', async () => {
    expect((await world.report([plan, '--out', 'made/here/index.html'])).stdout).toBe(
      `Wrote ${world.folder}/made/here/index.html\n`,
    );
    const { stdout } = await world.report([plan, '--json']);
    expect(JSON.parse(stdout)).toEqual({
      format_version: '1.0',
      files: [{ path: join(world.folder, 'small.html') }],
      left_out: [],
    });
  });

  test('of a run is found by its name and its beginning, unless a plan is called so', async () => {
    expect((await world.report([RUN])).stdout).toBe(`Wrote ${world.folder}/run-${RUN}.html\n`);
    expect(await text(`run-${RUN}.html`)).toContain(`<title>migplan: Run ${RUN}: incomplete (exit code 6)</title>`);
    expect((await world.report([RUN.slice(0, 3), '--out', '-'])).stdout).toBe(await text(`run-${RUN}.html`));
    const unknown = await world.report(['nosuchrun']);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain('[MP3040]');
    await writeFile(join(world.folder, RUN), encodePlanFile(small));
    expect((await world.report([RUN, '--out', '-'])).stdout).toBe(await text('small.html'));
  });

  test('needs no project and no state', async () => {
    const bare = await world.report([plan, '--out', '-'], { MIGPLAN_DATA_DIR: join(world.folder, 'nowhere') });
    expect(bare.code).toBe(0);
    expect(bare.stdout).not.toContain('id="history"');
    await expect(readdir(join(world.folder, 'nowhere'))).rejects.toThrow('ENOENT');
  });

  test('of somebody else is left as it is, and the advice helps', async () => {
    await writeFile(join(world.folder, 'foreign.html'), '<!doctype html><p>mine</p>');
    const refused = await world.report([plan, '--out', 'foreign.html']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('[MP1020]');
    expect(refused.stderr).toContain('is no report of migplan, and is not overwritten');
    expect(refused.stderr).toContain(`- ${reportAdvice}`);
    expect(await text('foreign.html')).toBe('<!doctype html><p>mine</p>');
    const [, ...words] = reportAdvice
      .replace('PLAN', plan)
      .replace('FILE', 'another.html')
      .split('migplan report ')[1]!
      .split(' ');
    expect(await world.report([plan, ...words])).toMatchObject({ code: 0 });
    expect(await text('another.html')).toBe(await text('small.html'));
  });

  test('is not written into a folder, a full disk or a plan; the plan is as it was', async () => {
    await mkdir(join(world.folder, 'folder.html'));
    await symlink('/dev/full', join(world.folder, 'full.html'));
    for (const out of ['folder.html', 'full.html', plan, 'small.json/x.html']) {
      const end = await world.report([plan, '--out', out]);
      expect(end).toMatchObject({ code: 1, stdout: '' });
      expect(end.stderr).toContain('[MP1020]');
    }
    expect(await text(plan)).toBe(encodePlanFile(small));
    expect((await readdir(world.folder)).filter((name) => name.includes('migplan-'))).toEqual([]);
  });

  test('of a plan that was altered is not made', async () => {
    await writeFile(join(world.folder, 'altered.json'), encodePlanFile(small).replace('"erp-db01"', '"erp-db02"'));
    expect(await world.report(['altered.json'])).toMatchObject({ code: 4, stdout: '' });
    expect(await world.report(['gone.json'])).toMatchObject({ code: 1, stdout: '' });
    await expect(stat(join(world.folder, 'altered.html'))).rejects.toThrow('ENOENT');
  });

  test('of a ledger that cannot be read is not made without a word', async () => {
    await mkdir(join(world.folder, 'broken/vms'), { recursive: true });
    await writeFile(join(world.folder, 'broken/vms/erp-db01.json'), '{');
    const end = await world.report([plan, '--out', 'x.html'], { MIGPLAN_DATA_DIR: 'broken' });
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/erp-db01\.json/);
  });
});
