import { expect } from 'vitest';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { selectMigrations } from '../../src/manifest/migration/select-migrations.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { blockAddressClashes } from '../../src/plan/together/address-clashes.js';
import { blockOverQuota } from '../../src/plan/together/quota.js';
import { blockSameVolume } from '../../src/plan/together/same-volume.js';
import { heedRoomForSeveral } from '../../src/plan/together/source-at-once.js';
import { blockWithoutSourceRoom } from '../../src/plan/together/source-room.js';
import { loadFiles, projectText } from '../manifest/in-folder.js';
import * as s from '../plan/plan-fixture.js';
import { desiredOf, type Spec } from './plan-trial.js';
import { cloud, gone, on } from './target-world.js';
import { isInstance, stepOf, type Trial } from './tried.js';

/** What is judged over several VMs, or with the Project's limits. */
interface TogetherTrial {
  readonly advice: string;
  readonly judge: (followed: boolean) => Promise<readonly Diagnostic[]>;
}

/** Two servers that want the same address; in the second the advice is followed. */
const clash = (wanted: Spec, mended: Spec) => async (followed: boolean) => {
  const observed = s.observed({ ...gone, ...cloud() });
  const both = await Promise.all([wanted, followed ? mended : wanted].map((entry) => desiredOf(on('prod', entry), {})));
  const planned = both.map((desired, index) => {
    const one = { ...desired, address: `vm/vm${index}` };
    return { desired: one, catalog: observed.catalog, plan: planMigration(one, observed, { now: s.NOW }) };
  });
  expect(planned.map(({ plan }) => plan.actions.some(({ kind }) => kind === 'create-server'))).toEqual([true, true]);
  return blockAddressClashes(planned).flatMap(({ diagnostics }) => diagnostics);
};

const FEWER_VMS = 'work on fewer VMs at a time: migplan apply --parallelism <…>';

const OLD_ROOM = {
  quota: { volumesLeft: 1 },
  host: { server: s.serverId('srv-conv'), name: 'conv-old', volumesMax: 26, otherVolumes: 1 },
};

/** Two disks to be copied, and room for one volume in the old cloud. */
async function transfers(followed: boolean): Promise<readonly Diagnostic[]> {
  const { project } = await loadFiles({ 'migplan.yaml': projectText(followed ? '  limits: {transfers: 1}' : '') });
  const [disk] = s.cloudVm().disks;
  const vm = s.cloudVm({ disks: [disk!, { ...disk!, key: s.diskKey(2001), uuid: '6000c29a-1111-2222-3333-444455550000' }] });
  const observed = s.observed({ ...gone, source: { kind: 'found', vm }, sourceRoom: OLD_ROOM });
  const desired = s.desired();
  const plan = planMigration(desired, observed, { now: s.NOW });
  const planned = [{ desired, observed, catalog: observed.catalog, plan }];
  return blockWithoutSourceRoom(planned, project!.limits.transfers).flatMap(({ diagnostics }) => diagnostics);
}

/** Two VMs of an old cloud that has room for one volume: one at a time fits. */
async function vmsAtATime(followed: boolean): Promise<readonly Diagnostic[]> {
  const planned = ['vm0', 'vm1'].map((name) => {
    const desired = s.desired({ name, address: `vm/${name}` });
    const vm = s.cloudVm({ instanceUuid: name });
    const observed = s.observed({ ...gone, source: { kind: 'found', vm }, sourceRoom: OLD_ROOM });
    return { desired, observed, catalog: observed.catalog, plan: planMigration(desired, observed, { now: s.NOW }) };
  });
  const judge = (parallelism: number) =>
    heedRoomForSeveral(planned, { parallelism, isChosen: true, transfers: 1 }).flatMap(({ diagnostics }) => diagnostics);
  const found = judge(2);
  const [, fit] = /--parallelism (\d+)$/.exec(
    stepOf(
      found.flatMap(({ nextSteps = [] }) => nextSteps),
      FEWER_VMS,
    ),
  )!;
  return followed ? judge(Number(fit)) : found;
}

/** Two VMs, and room for one volume: one of them fits. */
async function quota(followed: boolean): Promise<readonly Diagnostic[]> {
  const observed = s.observed({ ...gone, ...cloud({ quota: { volumesLeft: 1 } }) });
  const planned = ['vm0', 'vm1'].map((name) => {
    const desired = s.desired({ name, address: `vm/${name}` });
    return { desired, catalog: observed.catalog, plan: planMigration(desired, observed, { now: s.NOW }) };
  });
  const { selected } = selectMigrations(
    planned.map(({ desired }) => desired),
    ['vm/vm1'],
  );
  const chosen = followed ? planned.filter(({ desired }) => selected.includes(desired)) : planned;
  expect(chosen).toHaveLength(followed ? 1 : 2);
  return blockOverQuota(chosen).flatMap(({ diagnostics }) => diagnostics);
}

/** Two VMs of one name, and the volume that a tool made for one of them. */
async function oneVolumeForTwo(followed: boolean): Promise<readonly Diagnostic[]> {
  const reading = { kind: 'foreign', tool: 'vmware-migration-kit', converted: false } as const;
  const planned = await Promise.all(
    ['vm0', 'vm1'].map(async (name, index) => {
      const desired = { ...(await desiredOf({ adopt: followed ? index === 0 : true }, {})), name, address: `vm/${name}` };
      const seen = desired.adopt === true ? { '2000': [s.volume({ reading })] } : {};
      const observed = s.observed({ source: { kind: 'found', vm: s.vm({ instanceUuid: name }) }, volumes: seen });
      return { desired, observed, catalog: observed.catalog, plan: planMigration(desired, observed, { now: s.NOW }) };
    }),
  );
  return blockSameVolume(planned).flatMap(({ diagnostics }) => diagnostics);
}

const rows: readonly TogetherTrial[] = [
  { advice: 'take spec.adopt out of the manifest of every VM but the one that the volume was made for', judge: oneVolumeForTwo },
  { advice: 'write mac: new or another fixedIp in one of the two', judge: clash({}, { mac: 'new' }) },
  {
    advice: 'write mac: new or another fixedIp in one of the two',
    judge: clash({ mac: 'new', fixedIp: '192.0.2.7' }, { mac: 'new', fixedIp: '192.0.2.8' }),
  },
  { advice: 'or copy fewer disks at a time: limits.transfers in the Project', judge: transfers },
  { advice: FEWER_VMS, judge: vmsAtATime },
  { advice: 'or migrate fewer VMs at a time: migplan plan --target vm/NAME', judge: quota },
];

const given = (found: readonly Diagnostic[], advice: string): string[] =>
  found.flatMap(({ nextSteps = [] }) => nextSteps.filter((step) => isInstance(step, advice)));

export const togetherTrials: readonly Trial[] = rows.map(({ advice, judge }) => ({
  advice,
  run: async () => {
    expect(given(await judge(false), advice)).not.toEqual([]);
    const after = await judge(true);
    expect(given(after, advice)).toEqual([]);
    expect(after.filter(({ severity }) => severity === 'error')).toEqual([]);
  },
}));
