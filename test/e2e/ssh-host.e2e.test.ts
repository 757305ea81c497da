import { readFile, readlink, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makeWindowsGuest, type WindowsGuest } from '../../lab/guests/make.js';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { CloudVolume } from '../../lab/harness/cloud-control.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { processesWith } from '../../lab/harness/processes.js';
import { SshServer } from '../../lab/harness/ssh-server.js';
import { until } from '../../lab/harness/until.js';
import { hostAdvice } from '../advice/cli-advice.js';
import { hostPrograms } from '../providers/openstack/remote-fixture.js';
import { copying, expectCopied, isOn, manifestOf, migplan, said } from './steps.js';

// The conversion host as another machine: a real sshd, which is this machine, and disks that only it is asked for.
const MiB = 2 ** 20;
let bench: Bench;
let sshd: SshServer;
let guest: WindowsGuest;

beforeAll(async () => {
  sshd = await SshServer.start();
  bench = await Bench.open({
    source: vcenter(async (folder) => {
      guest = await makeWindowsGuest(folder);
      return [
        { name: 'killed', disksMiB: [16] },
        { name: 'cut', disksMiB: [16] },
        { name: 'again' },
        { name: 'win', ...guest.vm, disks: [{ content: { file: guest.image } }] },
      ];
    }),
    target: simulatedCloud({ conversionHost: true }),
  });
});

afterEach(async () => {
  await bench.source.control.setVddk({});
  await until('everything on the host to end', async () => (await sshd.processes()).length === 0);
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
});

const project = (name: string, ssh = `{host: ${sshd.host}, config: ${sshd.config}}`): Promise<LabProject> =>
  bench.project(name, { access: bench.target.hostAccess(`ssh: ${ssh}, deviceTimeout: 5s, detachTimeout: 5s`) });

const volume = (name: string): Promise<CloudVolume> => bench.target.control.volumeNamed(name);

/** A copy of `vm` that has got as far as a checkpoint. */
async function inMidCopy(lab: LabProject, vm: string) {
  await lab.manifest(vm, manifestOf(vm, 'phase: seed'));
  await bench.source.control.setVddk({ readDelayMs: 300 });
  const run = startCli(lab, ['apply', '--auto-approve']);
  await copying(bench);
  await until('a checkpoint', async () => (await volume(`${vm}-2000`)).metadata['migplan']?.includes(' p='));
  return run;
}

async function nextRunFinishes(lab: LabProject, vm: string): Promise<void> {
  await bench.source.control.setVddk({});
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
  expect(`${stdout}${stderr}`).toMatch(/MP8004[\s\S]*the connection to host conv1\b.*, by which the volume was written, is gone/);
  await nextRunFinishes(lab, 'cut');
});

test('doctor reaches the host, or says why not and what to do', async () => {
  const examined = async (name: string, exit: number, ssh?: string): Promise<string> => {
    const lab = await project(name, ssh);
    await lab.manifest('killed', manifestOf('killed', 'phase: seed'));
    return said(await migplan(lab, ['doctor'], { env: guest.env, exit }));
  };
  const found = await examined('seen', 0);
  expect(found).toMatch(/ok +rhoso-prod: host conv1 is reached by ssh/);
  expect(found).toMatch(/ok +rhoso-prod: program that serves volumes there +nbdkit/);
  expect(found).toMatch(/ok +rhoso-prod: conversion-host +reached and fit/);
  const failed = await examined('unseen', 1, '{host: 127.0.0.1, port: 1}');
  expect(failed).toMatch(/FAIL +rhoso-prod: conversion-host +MP8004/);
  expect(failed).toMatch(
    /MP8004[\s\S]*ssh does not reach host 127.0.0.1, port 1: .*Connection refused[\s\S]*By hand: ssh -p 1 127.0.0.1/,
  );
});

test('what a host lacks is mended, the same plan is applied, and doctor tells it without a plan', async () => {
  const path = await hostPrograms({ sh: `/bin/${await readlink('/bin/sh')}`, python3: '/usr/bin/python3' });
  await using bare = await SshServer.start({ path });
  const lab = await project('again', `{host: ${bare.host}, config: ${bare.config}}`);
  await lab.manifest('again', manifestOf('again', 'phase: seed'));
  expect(said(await migplan(lab, ['plan', '--out', 'plan.json'], { env: guest.env }))).toContain(hostAdvice);
  expect(said(await migplan(lab, ['doctor'], { env: guest.env, exit: 1 }))).toMatch(
    /FAIL +rhoso-prod: program that serves volumes there +MP8004/,
  );
  await writeFile(bare.config, await readFile(sshd.config, 'utf8'));
  await migplan(lab, ['apply', 'plan.json'], { env: guest.env });
  await expectCopied(bench, 'again', 2000);
});

test('from seed to running server: a delta, the last delta and virt-v2v write through the tunnel', async () => {
  const { control } = bench.source;
  const lab = await project('win');
  const windows = (phase: string): string =>
    manifestOf('win', `target: {server: {flavor: m1.small, networks: [prod-lan]}}\nphase: ${phase}\nshutdown: {timeout: 2m}`);
  await lab.manifest('win', windows('seed'));
  await migplan(lab, ['apply', '--auto-approve'], { env: guest.env });
  await expectCopied(bench, 'win', 2000);
  await control.guestWrite({ vm: 'win', offset: 150 * MiB, length: MiB, fill: { seed: 13 } });
  await lab.manifest('win', windows('sync'));
  await migplan(lab, ['apply', '--auto-approve'], { env: guest.env });
  await expectCopied(bench, 'win', 2000);

  await lab.manifest('win', windows('cutover'));
  const applied = said(await migplan(lab, ['apply', '--auto-approve', '--allow-cutover'], { env: guest.env }));
  expect(applied).toContain('Conversion complete');
  expect(await isOn(bench, 'win')).toBe(false);
  const { metadata, status } = await volume('win-2000');
  expect([metadata['converted'], status]).toEqual(['true', 'in-use']);
  expect((await bench.target.control.servers()).find(({ name }) => name === 'win')?.status).toBe('ACTIVE');
});
