import type { ObservedMigration } from '../../src/model/observed.js';
import * as s from '../plan/plan-fixture.js';
import { type PlanTrial, planTrial } from './plan-trial.js';
import { cloud, converted, gone, lastly, made, off, running } from './target-world.js';
import type { Trial } from './tried.js';

const gold = { target: { provider: 'cloud', volumeType: 'gold' } };
const goldCloud = cloud({ volumeTypes: ['ssd', 'gold'] });
const otherZone = { target: { provider: 'cloud', availabilityZone: 'az2' } };
const inZone = (availabilityZone: string) => ({ volumes: { '2000': [s.volume({ availabilityZone })] } });
const places: readonly PlanTrial[] = [
  {
    advice: 'openstack volume set --type <…> --retype-policy on-demand <…>',
    spec: gold,
    seen: goldCloud,
    done: { volumes: { '2000': [s.volume({ type: 'gold' })] } },
    leads: /^sync live #4: delta since/,
  },
  {
    advice: 'or write volumeType: <…>',
    spec: gold,
    seen: goldCloud,
    write: { target: { provider: 'cloud', volumeType: 'ssd' } },
    leads: /^sync live #4: delta since/,
  },
  {
    advice: 'write target.availabilityZone: <…>',
    spec: otherZone,
    seen: inZone('az1'),
    write: { target: { provider: 'cloud', availabilityZone: 'az1' } },
    leads: /^sync live #4: delta since/,
  },
  {
    advice: 'or, to copy the whole disk into the other zone: openstack volume delete <…>',
    spec: otherZone,
    seen: inZone('az1'),
    done: gone,
    leads: /create-volume 2000 40 GiB.*; .*full new-volume/,
  },
  {
    advice: 'if server <…> is not to have it: openstack server remove volume <…> <…>',
    seen: { volumes: { '2000': [s.volume({ attachments: [{ id: s.attachmentId('att-1'), server: s.serverId('other') }] })] } },
    done: { volumes: { '2000': [s.volume()] } },
    leads: /^sync live #4: delta since/,
  },
  {
    advice: 'set spec.target.volumeType to a plain type; after the cutover the volume can be retyped',
    spec: { target: { provider: 'cloud', volumeType: 'luks' } },
    seen: { ...gone, ...cloud() },
    write: { target: { provider: 'cloud', volumeType: 'ssd' } },
    leads: /create-volume 2000 40 GiB ssd; .*full new-volume/,
  },
  {
    advice:
      'or run migplan on a server of this cloud, with access: {type: nova, server: ...} in the Project: Nova decrypts for it',
    spec: { target: { provider: 'cloud', volumeType: 'luks' } },
    seen: { ...gone, ...cloud() },
    provider: { access: { type: 'nova', server: 'conv' } },
    done: { conversionHost: { server: s.serverId('srv-conv'), name: 'conv', volumesMax: 26, otherVolumes: 0 } },
    leads: /create-volume 2000 .*luks; .*full new-volume/,
  },
  ...[{}, { access: { type: 'nova', server: 'conv', maxVolumes: 30 } }].map(
    (provider, index): PlanTrial => ({
      advice:
        index === 0
          ? 'detach what is not needed: openstack server volume list <…>'
          : 'raise maxVolumes of access in the Project, if the server has the slots (virtio-scsi disks need none)',
      seen: { conversionHost: { server: s.serverId('srv-conv'), name: 'conv', volumesMax: 26, otherVolumes: 26 } },
      provider,
      done: {
        conversionHost: { server: s.serverId('srv-conv'), name: 'conv', volumesMax: 26 + 4 * index, otherVolumes: 25 + index },
      },
      leads: /delta since/,
    }),
  ),
  {
    advice: 'openstack server show <…>',
    spec: made(),
    seen: { ...running, ...off, ...cloud(), server: { id: s.serverId('srv'), name: 'erp-db01', status: 'SHUTOFF' } },
    done: { server: { id: s.serverId('srv'), name: 'erp-db01', status: 'ACTIVE' } },
    leads: /^note Volume already converted$/,
  },
  {
    advice: 'openstack server stop <…> && openstack server add volume <…> <…> && openstack server start <…>',
    spec: { ...made(), hwMachineType: 'q35' },
    seen: { ...onQ35([]), ...off, ...cloud(), server: { id: s.serverId('srv'), name: 'erp-db01', status: 'ACTIVE' } },
    done: onQ35([{ id: s.attachmentId('att-1'), server: s.serverId('srv') }]),
    leads: /^note Volume already converted$/,
  },
  {
    advice: 'if that server is not needed any more: openstack server delete <…>',
    spec: made(),
    seen: { ...off, ...cloud(), server: { id: s.serverId('srv'), name: 'erp-db01', status: 'SHUTOFF' } },
    done: { server: undefined as never },
    leads: lastly,
  },
  {
    advice: 'power it off to go on with what was converted; what it wrote since is lost',
    spec: made(),
    seen: { ...converted, ...cloud() },
    done: off,
    leads: lastly,
  },
  {
    advice: 'or delete its volumes on the target, and plan to copy and convert it again',
    spec: made(),
    seen: { ...converted, ...cloud() },
    done: gone,
    leads: /full new-volume.*convert; create-server/,
  },
];

/** What Cinder is busy with ends, or people end it. */
const statuses = (
  [
    [
      'wait until it is gone, then run migplan plan again: a new volume is made, and copied in full',
      'deleting',
      gone,
      /full new-volume/,
    ],
    ['wait until it is available, then run migplan plan again', 'backing-up', undefined, /delta since/],
    [
      'take the offer back (delete its transfer request), then run migplan plan again',
      'awaiting-transfer',
      undefined,
      /delta since/,
    ],
    ['if somebody attaches or detaches it right now, wait, then run migplan plan again', 'in-use', undefined, /delta since/],
    [
      'ask whoever runs the cloud what it means; when it is available, run migplan plan again',
      'pondering',
      undefined,
      /delta since/,
    ],
  ] as const
).map(
  ([advice, status, done, leads]): PlanTrial => ({
    advice,
    seen: { volumes: { '2000': [s.volume({ status })] } },
    done: done ?? { volumes: { '2000': [s.volume({ status: 'available' })] } },
    leads,
  }),
);

function onQ35(attachments: readonly object[]): Partial<ObservedMigration> {
  const reading = s.reading({ kind: 'converted', from: s.at(5) });
  return {
    volumes: { '2000': [s.volume({ reading, imageMetadata: { hw_machine_type: 'q35' }, attachments: attachments as never })] },
  };
}

export const targetTrials: readonly Trial[] = [...places, ...statuses].map(planTrial);
