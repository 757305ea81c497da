import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { CloudVolume } from '../../lab/harness/cloud-control.js';
import { forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { CONVERSION_HOST, simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { copying, expectCopied, guestWrites, manifestOf, migplan, said, seeded } from './steps.js';

// Volumes as disks of the server that migplan runs on: this machine, with loop devices where the kernel has them.
let bench: Bench;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([
      { name: 'erp', disksMiB: [16, 8] },
      { name: 'killed', disksMiB: [16] },
      { name: 'stuck' },
      { name: 'blind' },
      { name: 'short' },
      { name: 'secret' },
      { name: 'taken' },
      { name: 'wide', disksMiB: [4, 4, 4] },
      { name: 'tight', disksMiB: [8, 4, 4] },
    ]),
    target: simulatedCloud({
      conversionHost: true,
      volumeTypes: [
        { name: 'ssd', default: true },
        { name: 'luks', encrypted: true },
      ],
    }),
  });
});

afterEach(async () => {
  await bench.source.control.setVddk({});
  await bench.target.control.setHypervisor({
    guestsAnswerDetach: true,
    hostShowsDevices: true,
    hostDeviceMissingBytes: 0,
  });
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(() => bench[Symbol.asyncDispose]());

/** Short times, so that waiting in vain takes no longer than it must. */
const novaProject = (name: string, more = ''): Promise<LabProject> =>
  bench.project(name, { access: bench.target.hostAccess(`deviceTimeout: 2s, detachTimeout: 2s${more}`) });

const volume = (name: string): Promise<CloudVolume> => bench.target.control.volumeNamed(name);

async function calls(method: string): Promise<string[]> {
  const all = await bench.target.control.calls();
  return all
    .filter((call) => call.method === method)
    .map(({ path }) => path.replace(/^.*\/(?=os-volume_attachments|attachments)/, ''));
}

test('a seed and a delta go through disks of the conversion host, and Cinder’s own attachments are not touched', async () => {
  const project = await novaProject('erp');
  await forgetCalls(bench);
  await seeded(bench, project, 'erp');
  await expectCopied(bench, 'erp', 2001);
  await guestWrites(bench, 'erp', 3);
  await project.manifest('erp', manifestOf('erp', 'phase: sync'));
  const applied = said(await migplan(project, ['apply', '--auto-approve']));
  expect(applied).toMatch(/disk\/2000: delta is \d+/);
  await expectCopied(bench, 'erp', 2000, 2001);
  const posts = await calls('POST');
  expect(posts.filter((path) => path === 'os-volume_attachments')).toHaveLength(4);
  expect(posts.filter((path) => path === 'attachments')).toEqual([]);
  expect((await volume('erp-2000')).status).toBe('available');
});

describe('kill -9 in the middle of a copy', () => {
  test('the next run takes the volume as it hangs there, finishes, and gives it back', async () => {
    const project = await novaProject('killed');
    await project.manifest('killed', manifestOf('killed', 'phase: seed'));
    await bench.source.control.setVddk({ readDelayMs: 300 });
    const run = startCli(project, ['apply', '--auto-approve']);
    await copying(bench);
    await until('a checkpoint', async () => (await volume('killed-2000')).metadata['migplan']?.includes(' p='));
    run.child.kill('SIGKILL');
    await run.finished;
    await until('what the killed run started to end', async () =>
      (await leftHere(project)).every((left) => !left.startsWith('process')),
    );
    const { id, status } = await volume('killed-2000');
    expect(status).toBe('in-use');
    expect((await bench.target.control.servers()).find(({ name }) => name === CONVERSION_HOST)?.volumeIds).toContain(id);

    await bench.source.control.setVddk({});
    await forgetCalls(bench);
    await migplan(project, ['apply', '--auto-approve']);
    await expectCopied(bench, 'killed', 2000);
    expect((await calls('POST')).filter((path) => path === 'os-volume_attachments')).toEqual([]);
    expect((await volume('killed-2000')).status).toBe('available');
  });
});

test('a guest that never lets go of a disk: exit code 6, what to do, a true record, and the next run goes on with it', async () => {
  const project = await novaProject('stuck');
  await project.manifest('stuck', manifestOf('stuck', 'phase: seed'));
  await bench.target.control.setHypervisor({ guestsAnswerDetach: false });
  const failed = said(await migplan(project, ['apply', '--auto-approve'], { exit: 6 }));
  const { id } = await volume('stuck-2000');
  expect(failed).toContain('MP4012');
  expect(failed).toContain(`server ${CONVERSION_HOST} has not let go of volume ${id} after 2 s`);
  expect(failed).toContain(`openstack server remove volume ${CONVERSION_HOST} ${id}`);
  await expectCopied(bench, 'stuck', 2000);

  // There is more to write: it is written where the volume hangs, and the end is the same.
  await guestWrites(bench, 'stuck', 5);
  await project.manifest('stuck', manifestOf('stuck', 'phase: sync'));
  expect(said(await migplan(project, ['apply', '--auto-approve'], { exit: 6 }))).toContain('MP4012');
  await expectCopied(bench, 'stuck', 2000);

  // Nothing to write: it is only given back.
  await project.manifest('stuck', manifestOf('stuck', 'phase: seed'));
  await bench.target.control.setHypervisor({ guestsAnswerDetach: true });
  expect(said(await migplan(project, ['plan']))).toContain('attachment');
  await migplan(project, ['apply', '--auto-approve']);
  expect((await volume('stuck-2000')).status).toBe('available');
});

test('a device that never shows: the message names slots, nothing is written, and the volume is given back', async () => {
  const project = await novaProject('blind');
  await project.manifest('blind', manifestOf('blind', 'phase: seed'));
  await bench.target.control.setHypervisor({ hostShowsDevices: false });
  const failed = said(await migplan(project, ['apply', '--auto-approve'], { exit: 6 }));
  expect(failed).toContain('MP4011');
  expect(failed).toContain('after 2 s');
  expect(failed).toContain('no slot left to plug disks into');
  expect(await volume('blind-2000')).toMatchObject({ status: 'available', attachmentIds: [] });

  await bench.target.control.setHypervisor({ hostShowsDevices: true });
  await migplan(project, ['apply', '--auto-approve']);
  await expectCopied(bench, 'blind', 2000);
});

test('a device of another size is not written', async () => {
  const project = await novaProject('short');
  await project.manifest('short', manifestOf('short', 'phase: seed'));
  await bench.target.control.setHypervisor({ hostDeviceMissingBytes: 4096 });
  const failed = said(await migplan(project, ['apply', '--auto-approve'], { exit: 6 }));
  expect(failed).toContain('it has 1073737728 bytes where the volume has 1073741824; nothing was written to it');
  expect(await volume('short-2000')).toMatchObject({ status: 'available', metadata: { changeID: '' } });
});

test('an encrypted volume type is refused with access cinder and written with access nova', async () => {
  const spec = 'phase: seed\ntarget: {volumeType: luks}';
  // Members learn from a volume that its type is encrypted.
  await bench.target.control.createVolume({ project: 'demo', name: 'other', sizeGiB: 1, volumeType: 'luks' });
  const direct = await bench.project('secret-cinder');
  await direct.manifest('secret', manifestOf('secret', spec));
  const refused = said(await migplan(direct, ['plan']));
  expect(refused).toContain('MP2030');
  expect(refused).toContain('access: {type: nova, server: ...}');

  const project = await novaProject('secret');
  await project.manifest('secret', manifestOf('secret', spec));
  await migplan(project, ['apply', '--auto-approve']);
  await expectCopied(bench, 'secret', 2000);
});

test('a volume that hangs on the conversion host for somebody else is in use', async () => {
  const project = await novaProject('taken');
  await project.manifest('taken', manifestOf('taken', 'phase: seed'));
  await bench.source.control.setVddk({ readDelayMs: 300 });
  const run = startCli(project, ['apply', '--auto-approve']);
  await copying(bench);
  // However long the plan takes, the volume hangs there until it is made.
  run.child.kill('SIGSTOP');
  // Another state folder: whose volume that is, is not known there.
  const other = await novaProject('taken-elsewhere');
  await other.manifest('taken', manifestOf('taken', 'phase: seed'));
  const blocked = said(await migplan(other, ['plan']));
  expect(blocked).toContain('MP2014');
  expect(blocked).toContain(`${CONVERSION_HOST} is the conversion host`);
  run.child.kill('SIGCONT');
  await bench.source.control.setVddk({});
  expect((await run.finished).code).toBe(0);
  await expectCopied(bench, 'taken', 2000);
});

test('few slots: disks wait for each other, and a VM with more disks than there can be is refused in the plan', async () => {
  const tight = await novaProject('tight', ', maxVolumes: 4');
  await tight.manifest('tight', manifestOf('tight', 'phase: seed'));
  await tight.manifest('wide', manifestOf('wide', 'phase: seed'));
  await migplan(tight, ['apply', '--auto-approve', '--parallelism', '2']);
  await expectCopied(bench, 'tight', 2000, 2001, 2002);
  await expectCopied(bench, 'wide', 2000, 2001, 2002);

  const tighter = await novaProject('wide', ', maxVolumes: 3');
  await tighter.manifest('wide', manifestOf('wide', 'phase: sync'));
  const refused = said(await migplan(tighter, ['plan']));
  expect(refused).toContain('MP2034');
  expect(refused).toContain('takes 2 more');
});
