import { expect, test } from 'vitest';
import { planMisfit } from '../../src/cli/plan-misfit.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { machineTypeReleases } from '../../src/model/machine-types/releases.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { decodePlanFile } from '../../src/plan/file/decode-plan-file.js';
import { factsOf } from '../../src/plan/file/facts.js';
import { encodePlanFile, makePlanFile } from '../../src/plan/file/plan-file.js';
import { planAlone } from '../../src/plan/together/plan-alone.js';
import { planNotes } from '../../src/plan/together/plan-notes.js';
import { planView } from '../../src/views/plan/select.js';
import { machineTypeView } from '../../src/views/status/machine-types.js';
import * as s from '../plan/plan-fixture.js';

const debian = { declared: machineTypeReleases['debian-12'], origin: 'release debian-12', map: {}, probed: {} };
const shared = { id: 'n', name: 'public', mayChooseAddresses: false, subnets: ['198.51.100.0/24'] };

const vm = (name: string, desired: Partial<DesiredMigration>, observed: Partial<ObservedMigration>) => ({
  desired: s.desired({ ...s.seed, name, address: `vm/${name}`, file: `${name}.yaml`, ...desired }),
  observed: s.observed({ volumes: { '2000': [] }, machineTypes: debian, ...observed }),
});
const small = { source: { kind: 'found', vm: s.vm({ disks: [s.disk({ capacity: 512 * 2 ** 20 })] }) } } as const;
const server = { ...s.withServer.target.server, networks: [{ network: 'public', mac: 'keep' }] } as const;

// One file holds what the target's side adds to a plan: rounding, both machine types, refusals, and what could not be checked.
const vms = [
  vm('a-rounded', {}, small),
  vm('b-mapped', { hwMachineType: 'pc-i440fx-rhel7.6.0' }, {}),
  vm(
    'c-chosen',
    { hwMachineType: 'pc-q35-rhel9.4.0' },
    { machineTypes: { ...debian, map: { 'pc-q35-rhel9.4.0': 'pc-q35-7.2' } } },
  ),
  vm('d-unknown', { hwMachineType: 'pc-i440fx-99.9' }, {}),
  vm('e-shared', { target: { provider: 'cloud', server } }, { catalog: { ...s.catalog, networkDetails: [shared] } }),
  vm('f-unchecked', { hwMachineType: 'q35' }, { machineTypes: { map: {}, probed: {} } }),
];

const planned = vms.map(({ desired, observed }) => planAlone(desired, observed, { now: s.NOW }));

const plan = makePlanFile(
  {
    id: 'plan-1',
    createdAt: s.NOW.toISOString(),
    createdBy: 'ops@host',
    version: '0.0.0',
    configDigest: 'c',
    files: [],
    targets: [{ provider: 'cloud', kind: 'openstack', endpoint: 'https://keystone.example.com/v3', id: 'p' }],
    selected: [],
    notes: planNotes(planned),
  },
  planned.map(({ desired, observed, plan: { uncheckedMachineType: _, ...decided } }) => ({
    ...{ address: desired.address, name: desired.name, phase: desired.phase, file: desired.file },
    disks: [s.diskKey(2000)],
    ...decided,
    facts: factsOf(desired, observed),
  })),
);

const shown = (format: 'human' | 'json', show: (options: Parameters<typeof planView>[0]) => void): string => {
  const lines: string[] = [];
  const streams = {
    out: (text: string) => lines.push(text),
    err: (text: string) => lines.push(`stderr| ${text}`),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
    rows: 24,
  };
  show({ streams, format, noColor: true, inAutomation: true, version: '0.0.0', now: () => s.NOW, monotonicMs: () => 0 });
  return lines.join('');
};

test.each(['human', 'json'] as const)('HW7 the plan, %s', async (format) => {
  const text = shown(format, (options) => planView(options).plan(plan, { detail: 'disk' }));
  await expect(text).toMatchFileSnapshot(`../golden/plan-target.${format}.txt`);
});

test('notes survive a saved plan, and cannot be taken out of it', () => {
  const text = encodePlanFile(plan);
  expect(decodePlanFile(text, planMisfit())).toMatchObject({
    kind: 'plan',
    plan: { notes: [expect.stringContaining('were not checked')] },
  });
  expect(decodePlanFile(text.replace('were not checked', 'were checked'), planMisfit())).toMatchObject({ kind: 'altered' });
});

test.each(['human', 'json'] as const)('HW1 machine types in status, %s', async (format) => {
  const rows = [
    {
      address: 'vm/a',
      declared: 'preserve',
      captured: 'pc (BIOS)',
      volume: 'pc',
      server: 'a (ACTIVE)',
      said: 'not readable; asked for: pc',
    },
    { address: 'vm/b', declared: 'pc-q35-rhel9.4.0', captured: 'q35 (UEFI)', volume: '-', server: '-', said: '-' },
  ];
  const text = shown(format, (options) => machineTypeView(options).machineTypes(rows));
  await expect(text).toMatchFileSnapshot(`../golden/status-machine-types.${format}.txt`);
});
