import { forms } from './forms.js';
import { choice, clearable, constant, flag, object, recordOf, type Shape, type Stage, type TypeOf, text } from './shape.js';
import { syncMaxAgeDefault } from './sync-defaults.js';
import { targetShape } from './target-shape.js';
import { windowOrNameShape } from './window-shape.js';

export const apiVersion = 'migplan.dev/v1alpha1';

export const apiVersionShape = constant(apiVersion, { description: 'Version of this format.' });

const metadataShape = object(
  {
    required: {
      name: text({ ...forms.name, description: 'Unique in the project; the VM is called vm/NAME in plans.' }),
    },
    optional: {
      labels: recordOf(text({ ...forms.labelValue, description: 'What --selector compares.' }), {
        keys: forms.label,
        description: 'Labels of your choice, for example app and wave; --selector wave=10 takes the VMs that have it.',
        examples: [{ app: 'erp', wave: '10' }],
      }),
    },
  },
  { description: 'How this document is called.' },
);

const sourceProvider = text({
  ...forms.name,
  description: 'Name of a provider in the Project: a vCenter, or an OpenStack cloud.',
});
const selectors = {
  vm: text({ ...forms.inventoryPath, description: 'Inventory path of the VM, as vSphere shows it.' }),
  instanceUuid: text({
    ...forms.uuid,
    description: 'instanceUuid of the VM (not the BIOS uuid); stays the same when the VM is renamed or moved.',
  }),
  moref: text({ ...forms.moref, description: 'Managed object reference. Unique within one vCenter only.' }),
  server: text({
    description: 'Name or id of a server, when the provider is an OpenStack cloud.',
    maxLength: 255,
    examples: ['legacy-app'],
  }),
};
const sourceInDocument = object(
  {
    inherited: { provider: sourceProvider },
    optional: {
      ...selectors,
      rehearsal: flag({
        description:
          'For a server of an OpenStack cloud: copies from snapshots while it keeps running, and never stops it, never finishes ' +
          'the copy, never makes a server. Take it out for the real cutover.',
        default: false,
      }),
    },
  },
  { description: 'Which VM is migrated: provider, and exactly one of vm, instanceUuid, moref and server.' },
  { oneOf: Object.keys(selectors).map((name) => ({ required: [name] })) },
);
const sourceInDefaults = object(
  { optional: { provider: sourceProvider } },
  { description: 'Where VMs come from unless their manifest says otherwise.' },
);
/** One VM has one manifest, so a VM cannot be a default. */
const sourceShape: Shape<TypeOf<typeof sourceInDocument>> = {
  render: (stage: Stage) => (stage === 'defaults' ? sourceInDefaults : sourceInDocument).render(stage),
};

const limitsShape = object(
  {
    optional: {
      delta: clearable(
        text({ ...forms.size, description: 'A delta that turns out larger is not copied; apply stops before writing.' }),
      ),
      adoption: clearable(
        text({
          ...forms.size,
          description:
            'What may be written of a disk whose volume is adopted. Apply stops before it writes more: then most of the volume is of something else.',
        }),
      ),
      downtime: clearable(
        text({
          ...forms.duration,
          description:
            'Longest time the last delta may be expected to take with the VM off, by the one before it; conversion and start come on top. Apply leaves the VM running when it is longer. A cutover that copies whole disks with the VM off is blocked.',
        }),
      ),
    },
  },
  { description: 'Bounds that the plan shows and apply enforces.' },
);

const shutdownShape = object(
  {
    optional: {
      timeout: text({ ...forms.duration, description: 'How long the guest may take to shut down at cutover.', default: '10m' }),
      force: flag({ description: 'Whether a guest that does not go down in time is powered off hard.', default: false }),
    },
  },
  { description: 'How the source VM is stopped at cutover. It is never stopped in another phase.' },
);

export const specShape = object(
  {
    required: { source: sourceShape },
    inherited: { target: targetShape },
    optional: {
      phase: choice(['seed', 'sync', 'cutover'], {
        description:
          'seed: first full copy, then nothing more. sync: bring the volumes up to date with the changed blocks. ' +
          'cutover: shut down, last delta, convert, start the server. The source VM keeps running in seed and sync. ' +
          'Default: what cbtSync and cutover say; seed when none of the three is given.',
      }),
      cbtSync: flag({
        description:
          'Whether existing volumes are brought up to date with changed blocks. false: a volume that exists is an error. ' +
          'Must agree with phase.',
      }),
      cutover: flag({ description: 'Whether the guest is shut down and converted. Must agree with phase.' }),
      hwMachineType: text({
        ...forms.machineType,
        description:
          'hw_machine_type of the volume image. preserve (default): what the source cloud recorded, or for VMware the type that fits ' +
          'the firmware. default: none, the destination decides. Else an exact type, written as it stands where the destination has it.',
        default: 'preserve',
      }),
      bootDisk: text({
        description:
          'Disk that the guest boots from: its place as vSphere shows it (scsi0:1), its label ("Hard disk 2") or its key ("2001"). ' +
          'Unless given: the first of the boot order of the VM, else the first that its BIOS would try.',
        maxLength: 255,
        examples: ['scsi0:1'],
      }),
      guestFamily: choice(['windows', 'linux'], {
        description: 'Operating system of the guest, where the source does not say or says another one.',
      }),
      limits: limitsShape,
      shutdown: shutdownShape,
      reseed: text({
        ...forms.reseed,
        description:
          'once: the existing volume is written in full again, one time, over as many windows as it takes. compare: source and ' +
          'volume are read in full instead, and only what differs is written. Take it out afterwards. To ask for it another time, write something that was not there before: once-2, once-2026-12-01.',
        default: 'never',
      }),
      adopt: flag({
        description:
          'Whether a volume that vmware-migration-kit or migratekit began for this VM is taken over: it is read in full and compared with ' +
          'the source, and only what differs is written. What the tool noted of its state is not believed. A volume that it converted is never taken over.',
        default: false,
      }),
      finalSync: choice(['run', 'skip'], {
        description: 'skip: convert at cutover without a last delta. What the guest wrote since the last sync is lost.',
        default: 'run',
      }),
      verify: choice(['off', 'sample', 'full'], {
        description:
          'What is read back and compared with the source after each sync. sample: what a delta copied, and blocks drawn by lot from the rest, with the chance of finding a fault in the plan; before a cutover all of a disk that is small enough. full: always all of it.',
        default: 'sample',
      }),
      sync: object(
        {
          optional: {
            maxAge: clearable(
              text({
                ...forms.age,
                description:
                  'In phase sync, volumes whose snapshot was taken more recently are up to date. 0s: every run syncs. A cutover takes its deltas whatever their age.',
                default: syncMaxAgeDefault,
              }),
            ),
          },
        },
        { description: 'When a sync is due.' },
      ),
      window: clearable(windowOrNameShape),
    },
  },
  { description: 'What is wanted of this VM.' },
);

export const migrationShape = object(
  {
    required: {
      apiVersion: apiVersionShape,
      kind: constant('Migration', { description: 'One VM to migrate.' }),
      metadata: metadataShape,
      spec: specShape,
    },
  },
  { title: 'migplan Migration', description: 'One VM, from VMware or an older OpenStack cloud to OpenStack.' },
);

export type ResolvedMigration = TypeOf<typeof migrationShape>;
export type ResolvedSpec = TypeOf<typeof specShape>;
