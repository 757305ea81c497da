import { readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makeVirtioWin, makeVirtTools, makeWindowsDisk } from '../../lab/guests/make.js';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { CloudVolume } from '../../lab/harness/cloud-control.js';
import { CONVERSION_HOST, leftHere } from '../../lab/harness/leftovers.js';
import { processesWith } from '../../lab/harness/processes.js';
import type { LabProject } from '../../lab/harness/project-files.js';
import { SshServer } from '../../lab/harness/ssh-server.js';
import { until } from '../../lab/harness/until.js';
import { hostAdvice } from '../advice/cli-advice.js';
import { hostPrograms } from '../providers/openstack/remote-fixture.js';
import { copying, expectCopied, isOn, manifestOf, migplan, said } from './steps.js';

// The conversion host as another machine: a real sshd, which is this machine, and disks that only it is asked for.
const MiB = 2 ** 20;
let bench: Bench;
let sshd: SshServer;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  sshd = await SshServer.start();
  bench = await Bench.open(
    async (folder) => {
      const [image, drivers, tools] = ['win.raw', 'virtio-win', 'virt-tools'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      await makeWindowsDisk(image);
      await makeVirtioWin(drivers);
      await makeVirtTools(tools);
      const emulated = { LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' };
      env = { VIRTIO_WIN: drivers, VIRT_TOOLS_DATA_DIR: tools, ...emulated };
      const guest = {
        guestId: 'windows2019srv_64Guest',
        guestFullName: 'Microsoft Windows Server 2019 (64-bit)',
        guestFamily: 'windowsGuest',
      };
      return [
        { name: 'killed', disksMiB: [16] },
        { name: 'cut', disksMiB: [16] },
        { name: 'again' },
        { name: 'win', ...guest, disks: [{ content: { file: image } }] },
      ];
    },
    (folder) => ({ conversionHost: { name: CONVERSION_HOST, byIdDir: join(folder, 'by-id') } }),
  );
});

afterEach(async () => {
  await bench.lab.vcenter.control.setVddk({});
  await until('everything on the host to end', async () => (await sshd.processes()).length === 0, 15_000);
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
});

const project = (name: string, ssh = `{host: ${sshd.host}, config: ${sshd.config}}`): Promise<LabProject> =>
  bench.project(
    name,
    '{transfers: 2, batch: 4MiB}',
    `{type: nova, server: ${CONVERSION_HOST}, ssh: ${ssh}, byIdDir: ${join(bench.folder, 'by-id')}, deviceTimeout: 5s, detachTimeout: 5s}`,
  );

const volume = (name: string): Promise<CloudVolume> => bench.lab.cloud.control.volumeNamed(name);

/** A copy of `vm` that has got as far as a checkpoint. */
async function inMidCopy(lab: LabProject, vm: string) {
  await lab.manifest(vm, manifestOf(vm, 'phase: seed'));
  await bench.lab.vcenter.control.setVddk({ readDelayMs: 300 });
  const run = startCli(lab, ['apply', '--auto-approve']);
  await copying(bench);
  await until('a checkpoint', async () => (await volume(`${vm}-2000`)).metadata['migplan']?.includes(' p='));
  return run;
}

async function nextRunFinishes(lab: LabProject, vm: string): Promise<void> {
  await bench.lab.vcenter.control.setVddk({});
  await migplan(lab, ['apply', '--auto-approve']);
  await expectCopied(bench, vm, 2000);
  expect((await volume(`${vm}-2000`)).status).toBe('available');
}

test('kill -9 in the middle of a copy: nothing runs on, here or there, and the next run finishes', async () => {
  const lab = await project('killed');
  const run = await inMidCopy(lab, 'killed');
  expect((await sshd.processes()).some(({ command }) => command.includes('nbdkit'))).toBe(true);
  run.child.kill('SIGKILL');
  await run.finished;
  await until('what the killed run started to end', async () =>
    (await leftHere(lab)).every((left) => !left.startsWith('process')),
  );
  await until('what it started on the host to end', async () => (await sshd.processes()).length === 0);
  expect((await volume('killed-2000')).status).toBe('in-use');
  await nextRunFinishes(lab, 'killed');
});

test('a connection that breaks in the middle of a copy is told with the host’s name, and the next run finishes', async () => {
  const lab = await project('cut');
  const run = await inMidCopy(lab, 'cut');
  const ssh = (await processesWith(lab.marker)).filter(({ command }) => /^\S*ssh /.test(command));
  for (const { pid } of ssh) process.kill(pid, 'SIGKILL');
  const { code, stdout, stderr } = await run.finished;
  expect(code).toBe(6);
  expect(`${stdout}${stderr}`).toMatch(/MP8004[\s\S]*the connection to host conv1, by which the volume was written, is gone/);
  await nextRunFinishes(lab, 'cut');
});

test('doctor reaches the host, or says why not and what to do', async () => {
  const examined = async (name: string, exit: number, ssh?: string): Promise<string> => {
    const lab = await project(name, ssh);
    await lab.manifest('killed', manifestOf('killed', 'phase: seed'));
    return said(await migplan(lab, ['doctor'], { env, exit }));
  };
  const found = await examined('seen', 0);
  expect(found).toMatch(/ok +rhoso-prod: host conv1 is reached by ssh/);
  expect(found).toMatch(/ok +rhoso-prod: program that serves volumes there +nbdkit/);
  expect(found).toMatch(/ok +rhoso-prod: conversion-host +reached and fit/);
  const failed = await examined('unseen', 1, '{host: 127.0.0.1, port: 1}');
  expect(failed).toMatch(/FAIL +rhoso-prod: conversion-host +MP8004/);
  expect(failed).toMatch(
    /MP8004[\s\S]*ssh does not reach host 127.0.0.1: .*Connection refused[\s\S]*By hand: ssh -p 1 127.0.0.1/,
  );
});

test('what a host lacks is mended, the same plan is applied, and doctor tells it without a plan', async () => {
  const path = await hostPrograms({ sh: `/bin/${await readlink('/bin/sh')}`, python3: '/usr/bin/python3' });
  await using bare = await SshServer.start({ path });
  const lab = await project('again', `{host: ${bare.host}, config: ${bare.config}}`);
  await lab.manifest('again', manifestOf('again', 'phase: seed'));
  expect(said(await migplan(lab, ['plan', '--out', 'plan.json'], { env }))).toContain(hostAdvice);
  expect(said(await migplan(lab, ['doctor'], { env, exit: 1 }))).toMatch(
    /FAIL +rhoso-prod: program that serves volumes there +MP8004/,
  );
  await writeFile(bare.config, await readFile(sshd.config, 'utf8'));
  await migplan(lab, ['apply', 'plan.json'], { env });
  await expectCopied(bench, 'again', 2000);
});

test('from seed to running server: a delta, the last delta and virt-v2v write through the tunnel', async () => {
  const { control } = bench.lab.vcenter;
  const lab = await project('win');
  const windows = (phase: string): string =>
    manifestOf('win', `target: {server: {flavor: m1.small, networks: [prod-lan]}}\nphase: ${phase}\nshutdown: {timeout: 2m}`);
  await lab.manifest('win', windows('seed'));
  await migplan(lab, ['apply', '--auto-approve'], { env });
  await expectCopied(bench, 'win', 2000);
  await control.guestWrite({ vm: 'win', offset: 150 * MiB, length: MiB, fill: { seed: 13 } });
  await lab.manifest('win', windows('sync'));
  await migplan(lab, ['apply', '--auto-approve'], { env });
  await expectCopied(bench, 'win', 2000);

  await lab.manifest('win', windows('cutover'));
  const applied = said(await migplan(lab, ['apply', '--auto-approve', '--allow-cutover'], { env }));
  expect(applied).toContain('Conversion complete');
  expect(await isOn(bench, 'win')).toBe(false);
  const { metadata, status } = await volume('win-2000');
  expect([metadata['converted'], status]).toEqual(['true', 'in-use']);
  expect((await bench.lab.cloud.control.servers()).find(({ name }) => name === 'win')?.status).toBe('ACTIVE');
});
