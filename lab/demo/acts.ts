import { setTimeout as sleep } from 'node:timers/promises';
import { sameBytes } from '../harness/same-bytes.js';
import type { Stage } from './stage.js';

const MiB = 2 ** 20;

export async function firstManifests({ project, bench }: Stage): Promise<void> {
  await project.manifest('erp-db01', 'source: {vm: /DC1/vm/erp/erp-db01}\nphase: seed\ncbtSync: true\ncutover: false');
  await project.manifest('win-fs1', windows('seed'));
  await project.manifest('legacy-app', 'source: {vm: /DC1/vm/apps/legacy-app}\nphase: seed');
  await project.manifest('mail-01', 'source: {vm: /DC1/vm/apps/mail-01}\nphase: seed\ncbtSync: false');
  // Somebody made this volume by hand; it must never be written over by accident.
  await bench.target.control.createVolume({
    project: 'demo',
    sizeGiB: 1,
    name: 'mail-01-2000',
    volumeType: 'ssd',
    metadata: { owner: 'someone' },
  });
}

const windows = (phase: string): string => `source: {vm: /DC1/vm/files/win-fs1}
target: {server: {flavor: m1.small, networks: [prod-lan]}}
phase: ${phase}
hwMachineType: ${phase === 'cutover' ? 'q35' : 'preserve'}
shutdown: {timeout: 2m}`;

export async function actSeed(stage: Stage): Promise<void> {
  stage.title('1. Seed: full copies while the guests run');
  await stage.migplan(['validate']);
  const plan = await stage.migplan(['plan', '--out', 'plan.json']);
  stage.expectText(
    plan,
    'Disk is not part of snapshots [MP2009]',
    'Volume already exists [MP2001]',
    'Plan: 3 to add, 0 to change, 0 to destroy. 2 blocked',
  );
  await stage.migplan(['show', 'plan.json', '--detail', 'vm']);
  const { seconds, stdout } = await stage.migplan(['apply', 'plan.json'], 6);
  await stage.prove('erp-db01', 2000, 2001);
  await stage.prove('win-fs1', 2000);
  stage.expect(await stage.isOn('win-fs1'), 'the Windows VM to be on after its seed');
  await stage.expectNoLeftovers();
  stage.rows.push({
    vm: 'erp-db01, win-fs1',
    phase: 'seed',
    bytes: transferred(stdout),
    seconds: seconds.toFixed(1),
    proof: 'snapshot == volume',
  });
}

export async function actSync(stage: Stage): Promise<void> {
  stage.title('2. Sync: only what changed');
  const { project, bench } = stage;
  const guest = bench.source.control;
  stage.say('the guests go on writing: new data, zeroes over old data, data into what were holes');
  await guest.guestRandomWrites({
    vm: 'erp-db01',
    diskKey: 2000,
    seed: 11,
    count: 60,
    maxBytes: 256 * 1024,
    zeroRatio: 0.3,
  } as never);
  await guest.guestWrite({ vm: 'erp-db01', diskKey: 2001, offset: 0, length: 4 * MiB, fill: { zero: true } } as never);
  await guest.guestWrite({
    vm: 'erp-db01',
    diskKey: 2001,
    offset: 200 * MiB + 3 * 65_536,
    length: MiB,
    fill: { seed: 12 },
  } as never);
  await guest.guestWrite({ vm: 'win-fs1', diskKey: 2000, offset: 150 * MiB, length: 2 * MiB, fill: { seed: 13 } } as never);
  await project.manifest('erp-db01', 'source: {vm: /DC1/vm/erp/erp-db01}\nphase: sync\nlimits: {delta: 128MiB}\nverify: full');
  await project.manifest('win-fs1', windows('sync'));
  await stage.migplan(['plan', '--out', 'plan.json', '--target', 'vm/erp-db01', '--target', 'vm/win-fs1']);
  const applied = await stage.migplan(['apply', 'plan.json']);
  stage.expectText(applied, 'delta is', 'compared with the snapshot: identical');
  await stage.prove('erp-db01', 2000, 2001);
  await stage.prove('win-fs1', 2000);
  stage.expect(await stage.isOn('win-fs1'), 'the Windows VM to be on after its sync');
  const moved = [...applied.stdout.matchAll(/delta is ([\d.]+ \w+) in/g)].map(([, size]) => size).join(' + ');
  stage.rows.push({
    vm: 'erp-db01, win-fs1',
    phase: 'sync',
    bytes: moved,
    seconds: applied.seconds.toFixed(1),
    proof: 'snapshot == volume',
  });
  await stage.migplan(['status']);
}

export async function actCutover(stage: Stage): Promise<void> {
  stage.title('3. Cutover: off, last delta, conversion, server');
  const { project, bench } = stage;
  await bench.source.control.guestWrite({
    vm: 'win-fs1',
    diskKey: 2000,
    offset: 152 * MiB,
    length: MiB,
    fill: { seed: 14 },
  } as never);
  await project.manifest('win-fs1', windows('cutover'));
  const plan = await stage.migplan(['plan', '--out', 'cutover.json', '--target', 'vm/win-fs1']);
  stage.expectText(plan, 'POWERED OFF', 'hw_machine_type = "pc" -> "q35"', 'Cannot be undone: 2 steps');
  stage.say('without an approval nothing that cannot be undone is done');
  await stage.migplan(['apply', 'cutover.json'], 4);
  stage.expect(await stage.isOn('win-fs1'), 'the Windows VM to be on until its cutover is approved');
  const applied = await stage.migplan(['apply', 'cutover.json', '--allow-cutover']);
  stage.expect(!(await stage.isOn('win-fs1')), 'the Windows VM to be off after its cutover');
  await expectServer(stage);
  await stage.expectNoLeftovers();
  stage.rows.push({
    vm: 'win-fs1',
    phase: 'cutover',
    bytes: transferred(applied.stdout),
    seconds: applied.seconds.toFixed(1),
    proof: 'virt-v2v merged, server ACTIVE on q35',
  });
}

const transferred = (text: string): string => /Transferred ([\d.]+ \w+)/.exec(text)?.[1] ?? '-';

async function expectServer(stage: Stage): Promise<void> {
  const { bench } = stage;
  const [server, ...others] = await bench.target.control.servers();
  stage.expect(server !== undefined && others.length === 0, 'one server');
  stage.expect(server?.status === 'ACTIVE', 'the server to be ACTIVE');
  stage.expect(server?.domain.machineType.includes('q35') === true, 'the server to have a q35 machine type');
  stage.expect(server?.domain.interfaces[0]?.macAddress === '00:50:56:aa:bb:02', 'the server to keep its MAC address');
  const volume = await bench.target.control.volumeNamed('win-fs1-2000');
  stage.expect(volume.metadata['converted'] === 'true', 'converted=true on the volume');
  const { imagePath, capacity } = (await bench.source.control.currentImage({ vm: 'win-fs1', diskKey: 2000 } as never)) as {
    imagePath: string;
    capacity: number;
  };
  stage.expect(!(await sameBytes(imagePath, volume.file, capacity)), 'the volume to differ from the source once it is converted');
  stage.say(`server ${server?.name} is ACTIVE with ${server?.domain.machineType}; the volume says converted=true`);
}

export async function actNoChanges(stage: Stage): Promise<void> {
  stage.title('4. Run again, and survive a kill');
  const again = await stage.migplan(['plan', '--target', 'vm/win-fs1', '--detailed-exitcode']);
  stage.expectText(again, 'No changes.', 'Volume already converted');
  const finished = await stage.migplan(['apply', 'cutover.json', '--allow-cutover']);
  stage.expectText(finished, 'already applied');

  stage.say('a new VM; the apply that seeds it is killed with kill -9 in the middle');
  await stage.project.manifest('web-03', 'source: {vm: /DC1/vm/web/web-03}\nphase: seed');
  await stage.migplan(['plan', '--out', 'web.json', '--target', 'vm/web-03']);
  await stage.bench.source.control.setVddk({ readDelayMs: 60 } as never);
  const killed = stage.start(['apply', 'web.json']);
  await halfSeeded(stage, 'web-03-2000');
  killed.child.kill('SIGKILL');
  const { signal } = await killed.finished;
  stage.expect(signal === 'SIGKILL', 'the apply to have been killed');
  stage.say('killed. What the volume says of itself:');
  await stage.migplan(['status']);

  await stage.bench.source.control.setVddk({} as never);
  await stage.bench.source.control.guestRandomWrites({
    vm: 'web-03',
    diskKey: 2000,
    seed: 15,
    count: 20,
    maxBytes: 128 * 1024,
    zeroRatio: 0.3,
  } as never);
  stage.say('the same plan again: what is left is removed, and the copy goes on at its last checkpoint');
  const resumed = await stage.migplan(['apply', 'web.json']);
  stage.expectText(resumed, 'left by an earlier run');
  await stage.prove('web-03', 2000);
  await stage.expectNoLeftovers();
  stage.rows.push({
    vm: 'web-03',
    phase: 'seed, kill -9, seed',
    bytes: transferred(resumed.stdout),
    seconds: resumed.seconds.toFixed(1),
    proof: 'snapshot == volume',
  });
}

/** Until the record on the volume says that a checkpoint was reached. */
async function halfSeeded(stage: Stage, volume: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const found = (await stage.bench.target.control.volumes()).find(({ name }) => name === volume);
    if (found?.metadata['migplan']?.includes(' p=') === true) return;
    await sleep(100);
  }
  stage.expect(false, `${volume} to reach a checkpoint within a minute`);
}
