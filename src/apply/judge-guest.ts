import type { GuestInspection, InspectedDisk, InspectedSystem } from '../contracts/converter.js';
import type { DiskKey } from '../model/ids.js';
import type { Judgement, Refusal } from './refusal.js';

/** The guest as it was reviewed, and how its disks are called. */
export interface ReviewedGuest {
  readonly firmware: 'bios' | 'efi';
  readonly guestFamily: 'windows' | 'linux' | 'other';
  /** What the server will boot. */
  readonly boot: DiskKey;
  /** Whether the manifest names it: then it settles which of several systems is meant. */
  readonly isNamed: boolean;
  /** Such as scsi0:1. */
  slotName(disk: DiskKey): string;
}

export interface GuestJudgement extends Judgement {
  /** The system to convert; undefined when none can be told, which is among the refusals. */
  readonly system: InspectedSystem | undefined;
}

interface Looked extends ReviewedGuest {
  readonly inspection: GuestInspection;
  readonly key: DiskKey;
}

/** One for each field of what is said of a disk: a field that nobody looks at does not compile. */
const judges: {
  readonly [K in keyof Required<Omit<InspectedDisk, 'key'>>]: (said: InspectedDisk[K], looked: Looked) => Partial<Judgement>;
} = {
  bios: (said, looked) => (said || looked.firmware === 'efi' || looked.key !== looked.boot ? {} : refuse(noLoader(looked))),
  efi: (said, looked) => (said || looked.firmware === 'bios' || looked.key !== looked.boot ? {} : refuse(noLoader(looked))),
  encrypted: (said, { inspection, key, slotName }) => {
    if (said.length === 0) return {};
    if (inspection.systems.length === 0) return refuse(locked(slotName(key), said));
    return { notes: [{ kind: 'encrypted', disk: slotName(key), what: said }] };
  },
  windows: (said, { guestFamily, key, slotName }) =>
    guestFamily === 'windows' ? { refusals: said.map((state) => unwritable[state](slotName(key))) } : {},
};

/** Pure: whether what is on the disks is the guest that was reviewed, and boots from the disk the server will boot. */
export function judgeGuest(inspection: GuestInspection, guest: ReviewedGuest): GuestJudgement {
  const found = inspection.disks.flatMap((disk) => {
    const looked = { ...guest, inspection, key: disk.key };
    return [
      judges.bios(disk.bios, looked),
      judges.efi(disk.efi, looked),
      judges.encrypted(disk.encrypted, looked),
      judges.windows(disk.windows, looked),
    ];
  });
  const choice = chooseSystem(inspection, guest);
  const refusals = [...found.flatMap((one) => one.refusals ?? []), ...choice.refusals];
  const notes = found.flatMap((one) => one.notes ?? []);
  const { system } = choice;
  // A disk that boots nothing is told once: where the system is says more than that it is not there.
  return {
    system,
    notes,
    refusals: distinct([...refusals, ...(system === undefined ? [] : aboutSystem(system, inspection, guest))]),
  };
}

const refuse = (refusal: Refusal): Partial<Judgement> => ({ refusals: [refusal] });

const distinct = (refusals: readonly Refusal[]): Refusal[] => [...new Map(refusals.map((one) => [one.detail, one])).values()];

const boots = ({ bios, efi }: InspectedDisk, firmware: 'bios' | 'efi'): boolean => (firmware === 'efi' ? efi : bios);

function noLoader({ firmware, boot, inspection, slotName }: Looked): Refusal {
  const others = inspection.disks.filter((disk) => boots(disk, firmware)).map(({ key }) => slotName(key));
  const what = firmware === 'efi' ? 'no EFI system partition' : 'nothing that a BIOS boots';
  const elsewhere = others.length === 0 ? 'nor do the others' : `and ${others.join(', ')} does`;
  return {
    code: 'MP2053',
    detail: `the server would boot ${slotName(boot)}, which holds ${what}, ${elsewhere}`,
    nextSteps:
      others.length === 0
        ? [
            'check the firmware of the source VM in vCenter (Edit Settings, VM Options, Boot Options): it must be what the guest boots by',
          ]
        : [`set spec.bootDisk: ${others.join(' or ')}`],
  };
}

const locked = (place: string, kinds: readonly string[]): Refusal => ({
  code: 'MP2054',
  detail: `no system can be found, and ${place} holds what is encrypted (${kinds.join(', ')}): virt-v2v cannot convert it`,
  nextSteps: kinds.includes('BitLocker')
    ? ['switch BitLocker off in the guest and wait until the disk is decrypted (manage-bde -off C:), then run migplan plan again']
    : ['move the guest to a root file system without LUKS, then run migplan plan again'],
});

const unwritable: Readonly<Record<'hibernated' | 'dirty', (place: string) => Refusal>> = {
  hibernated: (place) => ({
    code: 'MP2055',
    detail: `Windows sleeps on ${place} (hibernation or fast startup): its file system cannot be written`,
    nextSteps: ['in the guest: powercfg /h off, then shut it down completely and start it; then run migplan plan again'],
  }),
  dirty: (place) => ({
    code: 'MP2055',
    detail: `Windows has noted that a file system on ${place} must be checked`,
    nextSteps: ['in the guest: chkdsk /f on that drive, and a restart where it asks for one; then run migplan plan again'],
  }),
};

interface Choice {
  readonly system: InspectedSystem | undefined;
  readonly refusals: readonly Refusal[];
}

function chooseSystem({ systems, disks }: GuestInspection, { boot, isNamed, slotName }: ReviewedGuest): Choice {
  const [only, ...more] = systems;
  if (only === undefined) {
    const isLocked = disks.some(({ encrypted }) => encrypted.length > 0);
    return { system: undefined, refusals: isLocked ? [] : [nothingFound] };
  }
  if (more.length === 0) return { system: only, refusals: [] };
  const onBoot = systems.filter((system) => system.disks.includes(boot));
  if (isNamed && onBoot.length === 1) return { system: onBoot[0], refusals: [] };
  const places = [...new Set(systems.flatMap((system) => system.disks.slice(0, 1).map(slotName)))];
  return {
    system: undefined,
    refusals: [
      {
        code: 'MP2052',
        detail: `${systems.length} systems are on the disks: ${systems.map((system) => describe(system, slotName)).join('; ')}`,
        nextSteps: [
          places.length > 1
            ? `set spec.bootDisk: ${places.join(' or ')}`
            : 'leave one system only on the disks of the guest, then run migplan plan again',
        ],
      },
    ],
  };
}

const describe = ({ name, root, disks }: InspectedSystem, slotName: ReviewedGuest['slotName']): string =>
  `${name} (${root}) on ${disks.length === 0 ? 'disks that could not be told' : disks.map(slotName).join(', ')}`;

const nothingFound: Refusal = {
  code: 'MP2058',
  detail: 'no Windows and no Linux can be found on the disks',
  nextSteps: [
    'check that every disk of the VM is migrated, and the file systems in the guest (chkdsk, fsck)',
    'or shut the guest down yourself and run migplan plan again: file systems of a running guest may be unreadable',
  ],
};

function aboutSystem(system: InspectedSystem, inspection: GuestInspection, guest: ReviewedGuest): Refusal[] {
  return [...otherFamily(system, guest), ...elsewhere(system, inspection, guest)];
}

function otherFamily({ family, name }: InspectedSystem, { guestFamily }: ReviewedGuest): Refusal[] {
  if (family === guestFamily && family !== 'other') return [];
  return [
    {
      code: 'MP2056',
      detail: `the guest is ${name}, and was taken for ${guestFamily === 'other' ? 'no Windows and no Linux' : guestFamily}`,
      nextSteps: [
        family === 'other'
          ? 'set spec.phase: sync for this VM: virt-v2v converts Windows and Linux only'
          : `set spec.guestFamily: ${family}, and run migplan plan again`,
      ],
    },
  ];
}

/** Windows may keep what boots it on another disk, and GRUB may read the other one: then that disk is the only one that boots. */
function elsewhere(
  system: InspectedSystem,
  { disks }: GuestInspection,
  { boot, firmware, isNamed, slotName }: ReviewedGuest,
): Refusal[] {
  if (system.disks.length === 0 || system.disks.includes(boot)) return [];
  const loaders = disks.filter((disk) => boots(disk, firmware)).map(({ key }) => key);
  if (!loaders.includes(boot)) return [];
  const own = system.disks.filter((key) => loaders.includes(key));
  if (isNamed || own.length === 0) return [];
  return [
    {
      code: 'MP2053',
      detail: `the server would boot ${slotName(boot)}, and ${describe(system, slotName)} boots by itself`,
      nextSteps: [`set spec.bootDisk: ${own.map(slotName).join(' or ')}`],
    },
  ];
}
