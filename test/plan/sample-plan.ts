import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { makePlanFile, type PlanFile, type PlanHeader } from '../../src/plan/file/plan-file.js';
import { type PlannedEntry, plannedEntry } from '../../src/plan/file/planned-entry.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from './plan-fixture.js';

/** Another VM like the one of the scene. */
export const named = (name: string, over: Partial<DesiredMigration> = {}): DesiredMigration =>
  s.desired({ name, address: `vm/${name}`, file: `manifests/${name}.yaml`, ...over });

/** What each entry was planned from, by address. */
export const worlds = new Map<string, { readonly desired: DesiredMigration; readonly observed: ObservedMigration }>();

export function entry(desired: DesiredMigration, observed: ObservedMigration): PlannedEntry {
  // Files of tests share a process: an entry that one of them makes does not take the place of a sample.
  if (!worlds.has(desired.address)) worlds.set(desired.address, { desired, observed });
  return plannedEntry(desired, observed, { ...planMigration(desired, observed, { now: s.NOW }), atOnce: 2 });
}

export const header: PlanHeader = {
  id: '01993f0a-0000-4000-8000-000000000000',
  createdAt: '2026-06-01T12:00:00.000Z',
  createdBy: 'ops@conv1',
  version: '0.1.0',
  configDigest: 'sha256:00',
  files: [
    { path: 'manifests/erp-db01.yaml', sha256: 'aa' },
    { path: 'migplan.yaml', sha256: 'bb' },
  ],
  targets: [
    { provider: 'prod', kind: 'openstack', endpoint: 'https://keystone.example.com/v3', id: 'project-1', region: 'one' },
    { provider: 'vc01', kind: 'vmware', endpoint: 'https://vc01.example.com', id: 'vc-1' },
  ],
  selected: [],
};

const found = (over: Parameters<typeof s.vm>[0]) => ({ source: { kind: 'found', vm: s.vm(over) } }) as const;
const noVolume = { volumes: { '2000': [] } };
const place = (file: string, line: number) => ({
  file,
  start: { line, column: 3, offset: 0 },
  end: { line, column: 9, offset: 0 },
});
const windows = { guest: { id: 'windows2019srv_64Guest', fullName: 'Windows Server 2019', family: 'windows' } } as const;

/** One VM of every sort that a plan tells about. */
export const entries = {
  delta: entry(
    named('erp-db01', { limits: { deltaBytes: 10 * 2 ** 30 }, hwMachineType: 'pc-i440fx-rhel7.6.0' }),
    s.observed({
      local: s.local({
        deltaHistory: { '2000': [{ bytes: 3 * 2 ** 30, intervalSeconds: 3600 }] },
        lastSync: { '2000': '2026-06-01T11:00:00Z' },
      }),
    }),
  ),
  created: entry(named('web-03', { phase: 'seed' }), s.observed(noVolume)),
  cutover: {
    ...entry(
      named('win-fs1', {
        ...s.cutover,
        ...s.withServer,
        shutdown: { timeoutSeconds: 600, force: true },
        labels: { wave: '10' },
        window: { kind: 'cron', name: 'weekend', cron: '0 22 * * 6', durationSeconds: 14_400, timezone: 'Europe/Berlin' },
      }),
      s.observed({
        ...found(windows),
        local: s.local({ deltaHistory: { '2000': [{ bytes: 2 ** 30, seconds: 80, intervalSeconds: 3600 }] } }),
      }),
    ),
    notCarried: [
      { of: 'server', property: 'name', value: 'WIN FS #1', note: 'it is called "win-fs1"; target.server.name says otherwise' },
      { of: 'VM', property: 'VirtualFloppy', value: 'Floppy drive 1' },
    ],
  },
  leftovers: entry(
    named('app-07'),
    s.observed({
      ...found({ snapshots: [{ ref: s.snapshotRef('snapshot-7'), name: 'migplan-x', description: '', createdAt: '' }] }),
      volumes: {
        '2000': [
          s.volume({
            attachments: [{ id: s.attachmentId('att-1') }],
            reading: s.reading({ kind: 'dirty', base: undefined, partial: { at: s.at(7), upTo: 8 * 2 ** 30 } }),
          }),
        ],
      },
      local: s.local({
        ownAttachments: [s.attachmentId('att-1')],
        ownSnapshots: [s.snapshotRef('snapshot-7')],
        overlayRuns: ['oldoldoldold'],
      }),
    }),
  ),
  reseed: entry(named('legacy-app', { reseed: s.once }), s.observed(s.inState({ kind: 'clean', at: s.at(5, 'other') }))),
  repair: entry(named('legacy-db', { reseed: s.compare }), s.observed(s.inState({ kind: 'clean', at: s.at(5, 'other') }))),
  repairing: entry(
    named('legacy-dc', { reseed: s.compare }),
    s.observed(
      s.inState({ kind: 'dirty', base: undefined, partial: { at: s.at(6), upTo: s.CAPACITY / 4 } }, { reseed: 'compare' }),
    ),
  ),
  adopt: entry(
    named('kit-01', { adopt: true, limits: { adoptionBytes: 10 * 2 ** 30 } }),
    s.observed({
      volumes: { '2000': [s.volume({ reading: { kind: 'foreign', tool: 'vmware-migration-kit', converted: false } })] },
    }),
  ),
  adopting: entry(
    named('kit-02', { adopt: true }),
    s.observed(
      s.inState({ kind: 'dirty', base: undefined, partial: { at: s.at(6), upTo: s.CAPACITY / 4 } }, { reseed: 'adopt' }),
    ),
  ),
  skipped: entry(named('batch-02', { ...s.cutover, finalSync: 'skip' }), s.observed()),
  merging: entry(
    named('hr-02', s.cutover),
    s.observed({
      ...s.inState({ kind: 'committing', from: s.at(5) }),
      ...found({ power: 'off' }),
      local: s.local({ overlayRuns: ['runrunrunrun'] }),
    }),
  ),
  reset: entry(
    named('crm-01', { ranges: { 'spec.phase': place('manifests/crm-01.yaml', 9) } }),
    s.observed(s.inState({ kind: 'clean', at: s.at(5, 'other') })),
  ),
  exists: entry(named('mail-01', { ...s.oneShot, ranges: { 'spec.cbtSync': place('manifests/mail-01.yaml', 7) } }), s.observed()),
  seeded: entry(named('web-01', s.seed), s.observed()),
  converted: entry(
    named('web-02', s.cutover),
    s.observed({ ...s.inState({ kind: 'converted', from: s.at(5) }), ...found({ power: 'off' }) }),
  ),
} as const satisfies Record<string, PlannedEntry>;

export const samplePlan = (some: readonly PlannedEntry[] = Object.values(entries), over: Partial<PlanHeader> = {}): PlanFile =>
  makePlanFile({ ...header, ...over }, some);
