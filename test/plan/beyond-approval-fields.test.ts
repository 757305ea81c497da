import { describe, expect, test } from 'vitest';
import { planMisfit } from '../../src/cli/plan-misfit.js';
import type { Action, ActionKind, ActionMap, DiskSync } from '../../src/plan/core/action.js';
import { actionTable } from '../../src/plan/core/action-table.js';
import type { WantedNic } from '../../src/plan/core/destination-nics.js';
import type { PlannedServer } from '../../src/plan/core/destination-server.js';
import { diskRules } from '../../src/plan/core/sync-rules.js';
import { beyondApproval } from '../../src/plan/file/beyond-approval.js';
import * as s from './plan-fixture.js';
import { entries, samplePlan } from './sample-plan.js';

// What is done equals what was reviewed, field by field. An action of every kind with every field it may have: a new field
// compiles neither here nor in the rules until it is given.
type Whole<T> = { readonly [Field in keyof T]-?: T[Field] };

const disk = s.diskKey(2000);
const disks = [disk, s.diskKey(2001)];
const server: Whole<PlannedServer> = {
  name: 'erp',
  flavor: 'm1.large',
  keyName: 'ops',
  description: 'the ERP',
  metadata: { role: 'erp' },
  tags: ['gold'],
};
const nic: Whole<WantedNic> = {
  network: 'prod',
  mac: '00:50:56:00:00:01',
  fixedIps: ['10.0.0.5'],
  securityGroups: ['web'],
  allowedAddressPairs: [{ ip: '10.0.0.250', mac: '00:00:5e:00:01:01' }],
  portSecurity: false,
  connected: false,
};
const fullCopy: Whole<Extract<DiskSync, { mode: 'full' }>> = {
  mode: 'full',
  disk,
  reason: 'new-volume',
  repair: true,
  begunBy: { tool: 'migratekit', foundBy: 'notes' },
  capacity: 10,
  partial: { at: s.at(5), upTo: 5 },
  forecast: { confidence: 'upper-bound', bytes: 10 },
  limitBytes: 10,
};
const delta: Whole<Extract<DiskSync, { mode: 'delta' }>> = {
  mode: 'delta',
  disk,
  since: s.at(5),
  capacity: 10,
  partial: { at: s.at(5), upTo: 5 },
  forecast: { confidence: 'estimate', bytes: 3 },
  limitBytes: 4,
};
const samples: { readonly [Kind in ActionKind]: Whole<ActionMap[Kind]> } = {
  'release-attachment': { kind: 'release-attachment', disk, volume: s.volumeId('v'), attachment: s.attachmentId('a') },
  'discard-overlays': { kind: 'discard-overlays', runs: ['r'], disks },
  'release-snapshot': { kind: 'release-snapshot', snapshot: s.snapshotRef('s') },
  'enable-cbt': { kind: 'enable-cbt' },
  'create-volume': {
    kind: 'create-volume',
    disk,
    name: 'erp-2000',
    sizeGiB: 40,
    type: 'ssd',
    availabilityZone: 'nova',
    capacity: 10,
    metadata: { owner: 'erp' },
  },
  'set-image-metadata': {
    kind: 'set-image-metadata',
    disk,
    set: { hw_machine_type: 'pc' },
    unset: ['os_type'],
    before: { os_type: 'linux' },
    bootable: false,
    notBootable: false,
    machineTypeAsked: 'pc-i440fx-rhel7.6.0',
  },
  sync: {
    kind: 'sync',
    stage: 'final',
    cycle: 3,
    disks: [fullCopy, { ...delta, disk: s.diskKey(2001) }],
    verify: { mode: 'compare', full: [disk], blocks: 4096, doubts: [{ kind: 'first-delta' }] },
  },
  'power-off': { kind: 'power-off', timeoutSeconds: 600, force: false },
  convert: {
    kind: 'convert',
    disks: s.bootFirst(disk, disks),
    firmware: 'bios',
    guestFamily: 'linux',
    guestId: 'debian12_64Guest',
    hardware: { disk: 'virtio', network: 'virtio' },
  },
  'finalize-copy': { kind: 'finalize-copy', disks },
  'commit-conversion': { kind: 'commit-conversion', disks, run: 'r' },
  'mark-converted': { kind: 'mark-converted', disks, run: 'r' },
  'create-server': {
    kind: 'create-server',
    disks: s.bootFirst(disk, disks),
    server,
    availabilityZone: 'nova',
    nics: [nic],
    replaces: s.serverId('srv'),
  },
};

/** The fields nobody decides. A field comes onto this list only with the reason that stands in its rule. */
const derived = [
  'create-server.replaces',
  'discard-overlays.disks',
  'discard-overlays.runs',
  'release-attachment.attachment',
  'release-attachment.disk',
  'release-attachment.volume',
  'release-snapshot.snapshot',
  'sync.cycle',
  'sync.disks.delta.forecast',
  'sync.disks.full.forecast',
];

/** All is written where only what differs was to be. */
const { repair: _, ...copyInstead } = fullCopy;

/** The direction in which what is left is more, or something else, of each field that may shrink. */
const growth: Readonly<Record<string, Action>> = {
  'set-image-metadata.bootable': { ...samples['set-image-metadata'], bootable: true },
  'set-image-metadata.notBootable': { ...samples['set-image-metadata'], notBootable: true },
  'set-image-metadata.machineTypeAsked': { ...samples['set-image-metadata'], machineTypeAsked: 'q35' },
  'sync.stage': { ...samples.sync, stage: 'live' },
  'sync.verify': { ...samples.sync, verify: { mode: 'off' } },
  'commit-conversion.run': { ...samples['commit-conversion'], run: 'another' },
  'mark-converted.run': { ...samples['mark-converted'], run: 'another' },
  'sync.disks.full.mode': { ...samples.sync, disks: [{ ...fullCopy, disk: s.diskKey(2001) }] },
  'sync.disks.full.repair': { ...samples.sync, disks: [copyInstead] },
  'sync.disks.full.reason': { ...samples.sync, disks: [{ ...fullCopy, reason: 'reseed' }] },
  'sync.disks.full.begunBy': {
    ...samples.sync,
    disks: [{ ...fullCopy, begunBy: { tool: 'vmware-migration-kit', foundBy: 'name' } }],
  },
  'sync.disks.full.limitBytes': { ...samples.sync, disks: [{ ...fullCopy, limitBytes: 11 }] },
  'sync.disks.full.partial': { ...samples.sync, disks: [{ ...fullCopy, partial: { at: s.at(5), upTo: 4 } }] },
  'sync.disks.delta.since': { ...samples.sync, disks: [{ ...delta, disk: s.diskKey(2001), since: s.at(4) }] },
  'sync.disks.delta.partial': {
    ...samples.sync,
    disks: [{ ...delta, disk: s.diskKey(2001), partial: { at: s.at(5), upTo: 4 } }],
  },
  'sync.disks.delta.limitBytes': { ...samples.sync, disks: [{ ...delta, disk: s.diskKey(2001), limitBytes: 5 }] },
};
/** Always less than what was reviewed, whatever that was. */
const neverMore = ['sync.disks.delta.mode'];

type Rule = string | { readonly why?: string; readonly derived?: string };
const rows: readonly (readonly [string, Rule])[] = [
  ...Object.entries(actionTable).flatMap(([kind, { fields: rules }]) =>
    Object.entries(rules as Record<string, Rule>)
      .filter(([, rule]) => rule !== 'each')
      .map(([field, rule]) => [`${kind}.${field}`, rule] as const),
  ),
  ...Object.entries(diskRules).flatMap(([mode, rules]) =>
    Object.entries(rules as Record<string, Rule>).map(([field, rule]) => [`sync.disks.${mode}.${field}`, rule] as const),
  ),
];
const named = (wanted: (rule: Rule) => boolean): string[] => rows.flatMap(([field, rule]) => (wanted(rule) ? [field] : []));

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Every value that differs from this one in a single leaf, and every one that lacks or has one entry more. */
function changes(value: Json): Json[] {
  if (typeof value === 'number') return [value + 10];
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'string') return [`${value}x`];
  if (value === null) return ['x'];
  if (Array.isArray(value)) {
    return [
      ...value.flatMap((entry: Json, index) => changes(entry).map((changed) => value.with(index, changed))),
      value.slice(1),
      [...value, 'added'],
    ];
  }
  return Object.entries(value).flatMap(([key, child]) => [
    ...changes(child).map((changed) => ({ ...value, [key]: changed })),
    Object.fromEntries(Object.entries(value).filter(([other]) => other !== key)),
    { ...value, added: 'x' },
  ]);
}

/** The action with each change of one of its own fields. */
function variants(field: string): Action[] {
  const [kind, name, mode, inner] = field.split('.') as [ActionKind, string, 'full' | 'delta' | undefined, string | undefined];
  const action = samples[kind];
  const changed = (whole: object, key: string): object[] => [
    ...changes(whole[key as keyof typeof whole]).map((value) => ({ ...whole, [key]: value })),
    Object.fromEntries(Object.entries(whole).filter(([other]) => other !== key)),
  ];
  if (mode === undefined) return changed(action, name) as Action[];
  const syncs = samples.sync.disks;
  return syncs.flatMap((one, index) =>
    one.mode === mode
      ? changed(one, inner!).map((value) => ({ ...samples.sync, disks: syncs.with(index, value as DiskSync) }))
      : [],
  );
}

describe('every field of every action', () => {
  test('has its place in the schema of plans: what does not fit it is refused', () => {
    const misfit = planMisfit();
    for (const action of Object.values(samples)) {
      const plan = samplePlan([{ ...entries.created, actions: [action] }]);
      expect(misfit(JSON.parse(JSON.stringify(plan))), action.kind).toBeUndefined();
    }
  });

  test('is the same as reviewed in an action that is the same', () => {
    for (const action of Object.values(samples)) expect(beyondApproval([action], [action])).toEqual([]);
  });

  test.each(named((rule) => rule === 'equal'))('%s: any other value is refused, and named', (field) => {
    const last = field.split('.').at(-1)!;
    for (const fresh of variants(field)) {
      expect(beyondApproval([samples[fresh.kind]], [fresh]).join()).toMatch(new RegExp(`: ${last}[. ]`));
    }
  });

  test.each(named((rule) => rule === 'fewer'))(
    '%s: a new or another entry is refused, and named; a missing one is not',
    (field) => {
      const last = field.split('.').at(-1)!;
      const told = variants(field).map((fresh) => beyondApproval([samples[fresh.kind]], [fresh]).join());
      expect(told.filter((text) => text !== '')).toEqual(
        told.filter((text) => text !== '').map(() => expect.stringContaining(`: ${last}`)),
      );
      expect(told.filter((text) => text === '').length).toBe(2);
    },
  );

  test.each(Object.entries(growth))('%s: more than reviewed is refused, and named', (field, fresh) => {
    expect(beyondApproval([samples[fresh.kind]], [fresh]).join()).toContain(`: ${field.split('.').at(-1)}`);
  });

  test.each(named((rule) => rule === 'identity').filter((field) => !/kind$/.test(field)))(
    '%s: of another nothing was reviewed',
    (field) => {
      for (const fresh of variants(field))
        expect(beyondApproval([samples[fresh.kind]], [fresh]).join()).toContain('not in the plan');
    },
  );

  test('each kind is allowed by its own or by none; a merge by the conversion it ends, and the marks after it by both', () => {
    for (const fresh of Object.values(samples)) {
      const before = fresh.kind === 'mark-converted' ? ['convert', 'commit-conversion'] : ['convert'];
      const others = Object.values(samples).filter(({ kind }) => kind !== fresh.kind && !before.includes(kind));
      const told = beyondApproval(others, [fresh]);
      if (actionTable[fresh.kind].allowedBy === 'always') expect(told).toEqual([]);
      else expect(told.join()).toContain(`${fresh.kind}`);
    }
  });

  test('only what nobody decides is left out', () => {
    expect(named((rule) => typeof rule === 'object' && rule.derived !== undefined).sort()).toEqual(derived);
  });

  test('what may shrink has a test of what is more', () => {
    expect(named((rule) => typeof rule === 'object' && rule.why !== undefined).sort()).toEqual(
      [...Object.keys(growth), ...neverMore].sort(),
    );
  });
});
