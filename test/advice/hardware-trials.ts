import { machineTypeReleases } from '../../src/model/machine-types/releases.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import * as s from '../plan/plan-fixture.js';
import { type PlanTrial, planTrial } from './plan-trial.js';
import { converted, found, gone, off, withImage } from './target-world.js';
import type { Trial } from './tried.js';

const types = (over: object): Partial<ObservedMigration> => ({
  machineTypes: { map: {}, probed: {}, declared: machineTypeReleases['debian-12'], origin: 'release debian-12', ...over },
});
const q35Sata = { hwMachineType: 'q35' };
const windows = found({ guest: { id: 'windows2019srv_64Guest', fullName: 'Windows Server 2019', family: 'windows' } });
const withIde = {
  volumes: { '2000': [s.volume({ imageMetadata: { hw_machine_type: 'pc', os_type: 'linux', hw_disk_bus: 'ide' } })] },
};
const efi = { ...gone, ...found({ firmware: 'efi' }) };

const hardware: readonly PlanTrial[] = [
  ...[{ imageMetadata: { hw_disk_bus: 'virtio' } }, { hardware: 'emulated' }].map(
    (target): PlanTrial => ({
      advice: 'set hw_disk_bus: virtio in spec.target.imageMetadata, or spec.target.hardware: emulated',
      spec: withImage({ hw_disk_bus: 'scsi' }),
      seen: { ...gone, ...windows },
      write: { target: { provider: 'cloud', volumeType: 'ssd', ...target } },
      leads: /full new-volume/,
    }),
  ),
  ...[...['sata', 'virtio', 'scsi'].map((bus) => withImage({ hw_disk_bus: bus })), { hwMachineType: 'pc' }].map(
    (write): PlanTrial => ({
      advice: 'set imageMetadata: {hw_disk_bus: sata}, virtio or scsi in spec.target, or a pc type',
      spec: { ...q35Sata, ...withImage({ hw_disk_bus: 'ide' }) },
      seen: gone,
      write,
      leads: /full new-volume/,
    }),
  ),
  {
    advice: 'set hwMachineType: pc',
    spec: { hwMachineType: 'default', ...withImage({ hw_disk_bus: 'ide' }) },
    seen: gone,
    write: { hwMachineType: 'pc' },
    leads: /hw_machine_type=pc .*full new-volume/,
  },
  ...['sata', 'virtio', 'scsi'].map(
    (bus): PlanTrial => ({
      advice: 'or imageMetadata: {hw_disk_bus: sata}, virtio or scsi in spec.target',
      spec: { hwMachineType: 'default', ...withImage({ hw_disk_bus: 'ide' }) },
      seen: { ...gone, ...types({ default: 'pc-q35-7.2' }) },
      write: withImage({ hw_disk_bus: bus }),
      leads: /full new-volume/,
    }),
  ),
  ...['preserve', 'q35', 'pc-q35-7.2'].map(
    (hwMachineType): PlanTrial => ({
      advice: 'set hwMachineType: preserve, q35, or a pc-q35 type',
      spec: { hwMachineType: 'pc' },
      seen: efi,
      write: { hwMachineType },
      leads: /hw_machine_type=(pc-)?q35.*full new-volume/,
    }),
  ),
  {
    advice: 'set hwMachineType: preserve, unless the default of the destination is q35',
    spec: { hwMachineType: 'default' },
    seen: efi,
    write: { hwMachineType: 'preserve' },
    leads: /hw_machine_type=q35.*full new-volume/,
  },
  ...['preserve', 'pc', 'q35'].map(
    (hwMachineType): PlanTrial => ({
      advice: 'set hwMachineType: preserve, pc or q35',
      spec: { hwMachineType: 'microvm' },
      seen: { ...gone, ...types({}) },
      write: { hwMachineType },
      leads: /hw_machine_type=(pc|q35).*full new-volume/,
    }),
  ),
  {
    advice: 'nearest: hwMachineType: <…>',
    spec: { hwMachineType: 'pc-q35-7.9' },
    seen: { ...gone, ...types({}) },
    write: { hwMachineType: 'pc-q35-7.2' },
    leads: /hw_machine_type=pc-q35-7.2.*full new-volume/,
  },
  ...[
    'if the cloud has it: migplan doctor --probe-machine-types --type <…>',
    'if the cloud has it by now: migplan doctor --probe-machine-types --type <…>',
  ].map(
    (advice, index): PlanTrial => ({
      advice,
      spec: { hwMachineType: 'pc-q35-7.9' },
      seen: {
        ...gone,
        ...types(index === 0 ? {} : { probed: { 'pc-q35-7.9': { runs: false, at: '2026-05-01T08:00:00.000Z' } } }),
      },
      done: types({ probed: { 'pc-q35-7.9': { runs: true, at: '2026-06-01T08:00:00.000Z' } } }),
      leads: /hw_machine_type=pc-q35-7.9.*full new-volume/,
    }),
  ),
  {
    advice: 'set hwMachineType: <…> when that is meant, or choose another one with machineTypeMap of the provider',
    spec: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    seen: { ...gone, ...types({}) },
    write: { hwMachineType: 'pc' },
    leads: /hw_machine_type=pc .*full new-volume/,
  },
  {
    advice: 'set hwMachineType: <…> when that is meant, or choose another one with machineTypeMap of the provider',
    spec: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    seen: { ...gone, ...types({}) },
    provider: { machineTypeMap: { 'pc-i440fx-rhel7.6.0': 'pc-i440fx-7.2' } },
    done: types({ map: { 'pc-i440fx-rhel7.6.0': 'pc-i440fx-7.2' } }),
    leads: /hw_machine_type=pc-i440fx-7.2 .*full new-volume/,
  },
  {
    advice: 'openstack volume set --image-property hw_machine_type=<…> <…>',
    spec: { phase: 'cutover', hwMachineType: 'q35' },
    seen: { ...converted, ...off },
    done: {
      volumes: {
        '2000': [
          s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }), imageMetadata: { hw_machine_type: 'q35' } }),
        ],
      },
    },
    leads: /^note Volume already converted$/,
  },
  {
    advice: 'openstack volume unset --image-property hw_machine_type <…>',
    spec: { phase: 'cutover', hwMachineType: 'default' },
    seen: { ...converted, ...off },
    done: { volumes: { '2000': [s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }), imageMetadata: {} })] } },
    leads: /^note Volume already converted$/,
  },
  {
    advice: 'openstack volume unset --image-property <…> <…>',
    seen: withIde,
    done: { volumes: { '2000': [s.volume()] } },
    leads: /^sync live #4: delta since/,
  },
  {
    advice: 'or, when it is meant, write target.imageMetadata: {<…>: <…>}',
    seen: withIde,
    write: { target: { provider: 'cloud', volumeType: 'ssd', imageMetadata: { hw_disk_bus: 'ide' } } },
    leads: /^sync live #4: delta since/,
  },
  {
    advice: 'or write hwMachineType: <…> when that is meant',
    spec: { phase: 'cutover', hwMachineType: 'q35' },
    seen: { ...converted, ...off },
    write: { hwMachineType: 'pc' },
    leads: /^note Volume already converted$/,
  },
];

const unrecorded = (() => {
  const { machineType: _, ...traits } = s.cloudVm().openstackGuest!;
  return { source: { kind: 'found', vm: s.cloudVm({ openstackGuest: { ...traits, imageMetadata: {} } }) } } as const;
})();

const sources: readonly PlanTrial[] = [
  ...['pc', 'q35', 'default'].map(
    (hwMachineType): PlanTrial => ({
      advice: 'to be sure, set spec.hwMachineType: pc (what older clouds default to), q35, or default',
      seen: { ...gone, ...unrecorded },
      write: { hwMachineType },
      leads: /full new-volume/,
    }),
  ),
  ...[{ vm: '/DC1/vm/prod/erp-db01' }, { instanceUuid: s.VM_UUID }].map(
    (selector): PlanTrial => ({
      advice: 'write the full inventory path, or instanceUuid',
      seen: { source: { kind: 'ambiguous', candidates: ['/DC1/vm/prod/erp-db01', '/DC1/vm/test/erp-db01'] } },
      write: { source: { provider: 'vc', ...selector } },
      done: found({}),
      leads: /delta since/,
    }),
  ),
];

export const hardwareTrials: readonly Trial[] = [...hardware, ...sources].map(planTrial);
