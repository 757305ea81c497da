import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import { effects, forgetCalls, logins } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { asConverted, copying, expectCopied, guestWrites, manifestOf, migplan, said, seeded } from './steps.js';

// What goes wrong between us and the clouds while an apply runs: it goes on, or it stops with the reason and the next run
// converges. Whatever was asked for once happens once.
const SERVER = 'target: {server: {flavor: m1.small, networks: [prod-lan]}}';
let bench: Bench;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(
      ['lost', 'server', 'busy', 'sessions', 'killed', 'locked', 'late-reset', 'query'].map((name) => ({ name, disksMiB: [8] })),
    ),
    target: simulatedCloud(),
  });
});

afterEach(async () => {
  await bench.source.control.setVddk({});
  await bench.source.control.clearFaults();
  await bench.target.control.clearFaults();
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(() => bench[Symbol.asyncDispose]());

const count = (all: readonly string[], effect: string): number => all.filter((one) => one.startsWith(effect)).length;

async function projectFor(vm: string, spec: string): Promise<LabProject> {
  const project = await bench.project(vm);
  await project.manifest(vm, manifestOf(vm, spec));
  await forgetCalls(bench);
  return project;
}

describe('answers that get lost', () => {
  test('of CreateSnapshot, POST /volumes and POST /attachments: each is done once, and nothing is left', async () => {
    const project = await projectFor('lost', 'phase: seed');
    await bench.source.control.addFault({ method: 'CreateSnapshot_Task', when: 'after', do: { drop: true } });
    for (const path of ['/volumes$', '/attachments$']) {
      await bench.target.control.addFault({
        service: 'volume',
        method: 'POST',
        path,
        nth: 1,
        when: 'after',
        do: { drop: true },
      });
    }
    const before = await bench.source.control.stats();
    await migplan(project, ['apply', '--auto-approve']);
    await expectCopied(bench, 'lost', 2000);
    const after = await bench.source.control.stats();
    expect(after.snapshotsCreated - before.snapshotsCreated).toBe(1);
    const done = await effects(bench);
    expect(count(done, 'POST /volumes/{id}/metadata')).toBeGreaterThan(0);
    expect(done.filter((effect) => effect === 'POST /volumes')).toHaveLength(1);
    expect((await bench.target.control.volumes()).filter(({ name }) => name.startsWith('lost'))).toHaveLength(1);
    // The reservation that nobody could tell from another run's was given back and made anew.
    expect(done.filter((effect) => effect === 'POST /attachments')).toHaveLength(2);
  });

  test('of POST /servers: there is one server', async () => {
    const project = await bench.project('server');
    await seeded(bench, project, 'server');
    await asConverted(bench, 'server');
    await project.manifest('server', manifestOf('server', `phase: cutover\n${SERVER}`));
    await bench.target.control.addFault({
      service: 'compute',
      method: 'POST',
      path: '/servers$',
      nth: 1,
      when: 'after',
      do: { drop: true },
    });
    await forgetCalls(bench);
    await migplan(project, ['apply', '--auto-approve']);
    const servers = (await bench.target.control.servers()).filter(({ name }) => name === 'server');
    expect(servers).toMatchObject([
      { status: 'ACTIVE', volumeIds: [(await bench.target.control.volumeNamed('server-2000')).id] },
    ]);
    expect((await effects(bench)).filter((effect) => effect === 'POST /servers')).toHaveLength(1);
    expect((await bench.target.control.ports()).filter(({ deviceId }) => deviceId !== servers[0]?.id)).toEqual([]);
    expect(said(await migplan(project, ['plan', '--detailed-exitcode']))).toContain('No changes.');
  });
});

describe('services that are busy', () => {
  test('503 answers to metadata writes are waited out', async () => {
    const project = await projectFor('busy', 'phase: seed');
    const path = '/volumes/[^/]+/metadata$';
    await bench.target.control.addFault({ service: 'volume', method: 'POST', path, times: 2, do: { html503: true } });
    await migplan(project, ['apply', '--auto-approve']);
    await expectCopied(bench, 'busy', 2000);
  });

  test('503 answers that do not end stop the apply with exit 6, and the next one converges', async () => {
    const project = bench.projects.find(({ folder }) => folder.endsWith('/busy'))!;
    await project.manifest('busy', manifestOf('busy', 'phase: sync'));
    await guestWrites(bench, 'busy', 31);
    await migplan(project, ['plan', '--out', 'plan.json']);
    const { metadata } = await bench.target.control.volumeNamed('busy-2000');
    await bench.target.control.addFault({ service: 'volume', method: 'POST', path: '/metadata$', do: { html503: true } });
    const told = said(await migplan(project, ['apply', 'plan.json'], { exit: 6 }));
    expect(told).toMatch(/MP4003[\s\S]*HTTP 503/);
    expect((await bench.target.control.volumeNamed('busy-2000')).metadata).toEqual(metadata);
    expect(await bench.leftovers()).toEqual([]);
    await bench.target.control.clearFaults();
    await migplan(project, ['apply', 'plan.json']);
    await expectCopied(bench, 'busy', 2000);
  });

  test('a snapshot whose files are locked is removed when they are free again', async () => {
    const project = await projectFor('locked', 'phase: seed');
    await bench.source.control.addFault({
      method: 'RemoveSnapshot_Task',
      do: { taskFault: { type: 'FileLocked', fields: { file: '[ds1] locked/locked.vmdk' } } },
    });
    await migplan(project, ['apply', '--auto-approve']);
    await expectCopied(bench, 'locked', 2000);
    expect(count(await effects(bench), 'RemoveSnapshot_Task')).toBe(2);
  });
});

describe('in the middle of a copy', () => {
  test('sessions of vCenter that are ended and tokens that expire are renewed', async () => {
    const project = await projectFor('sessions', 'phase: seed');
    await bench.source.control.setVddk({ readDelayMs: 200 });
    const run = startCli(project, ['apply', '--auto-approve']);
    await copying(bench);
    await bench.source.control.killSessions({});
    await bench.target.control.expireTokens();
    const ended = await run.finished;
    expect(ended.code, said(ended)).toBe(0);
    await expectCopied(bench, 'sessions', 2000);
    expect(await logins(bench)).toEqual({ vcenter: 2, cloud: 2 });
  });

  test('a reader that dies stops the apply with exit 6 and the reason; the same plan again converges', async () => {
    const project = await projectFor('killed', 'phase: seed');
    await migplan(project, ['plan', '--out', 'plan.json']);
    await bench.source.control.setVddk({ readDelayMs: 200 });
    const run = startCli(project, ['apply', 'plan.json']);
    await copying(bench);
    await bench.source.control.killReaders({});
    const ended = await run.finished;
    const told = said(ended);
    expect(ended.code, told).toBe(6);
    expect(told).toMatch(/Copy failed \[MP6001\]|Source disk could not be opened \[MP6002\]/);
    expect(told).toContain('migplan apply plan.json');
    expect(await bench.leftovers()).toEqual([]);
    await bench.source.control.setVddk({});
    await migplan(project, ['apply', 'plan.json']);
    await expectCopied(bench, 'killed', 2000);
  });
});

describe('changed block tracking', () => {
  test('that is reset while a delta is copied does not spoil it; the next plan says that no delta can follow', async () => {
    const project = await bench.project('late-reset');
    await seeded(bench, project, 'late-reset');
    await guestWrites(bench, 'late-reset', 41);
    await project.manifest('late-reset', manifestOf('late-reset', 'phase: sync'));
    await bench.source.control.setVddk({ readDelayMs: 200 });
    const run = startCli(project, ['apply', '--auto-approve']);
    await copying(bench);
    await bench.source.control.resetCbt({ vm: 'late-reset' });
    await guestWrites(bench, 'late-reset', 42);
    const ended = await run.finished;
    expect(ended.code, said(ended)).toBe(0);
    await expectCopied(bench, 'late-reset', 2000);
    await forgetCalls(bench);
    const blocked = said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }));
    expect(blocked).toContain('Changed block tracking was reset [MP2006]');
    expect(await effects(bench)).toEqual([]);
  });

  test('that cannot be asked stops the apply before a byte is written, and the volume stays what it was', async () => {
    const project = await bench.project('query');
    await seeded(bench, project, 'query');
    await guestWrites(bench, 'query', 51);
    await project.manifest('query', manifestOf('query', 'phase: sync'));
    await migplan(project, ['plan', '--out', 'plan.json']);
    const before = await bench.target.control.volumeNamed('query-2000');
    await bench.source.control.addFault({
      method: 'QueryChangedDiskAreas',
      times: 'always',
      do: { fault: { type: 'FileFault', fields: { file: '[ds1] query/query.vmdk' } } },
    });
    const told = said(await migplan(project, ['apply', 'plan.json'], { exit: 6 }));
    expect(told).toContain('Change map could not be read [MP2045]');
    expect(told).toContain('run the same plan again');
    expect(told).toContain('Nothing was written');
    expect(await bench.target.control.volumeNamed('query-2000')).toEqual(before);
    await bench.source.control.clearFaults();
    await migplan(project, ['apply', 'plan.json']);
    await expectCopied(bench, 'query', 2000);
  });
});
