import { join } from 'node:path';
import { randomHex } from '../prng.js';
import { MoRef } from '../soap/value.js';
import type { ControllerKind, DiskConfig, VmConfig } from '../world-config.js';
import { DiskImage } from './disk-image.js';
import type { Disk } from './vm.js';
import type { World } from './world.js';

const SECTOR = 512;
/** Unit 7 of a SCSI bus belongs to the controller. */
const SCSI_OWN_UNIT = 7;

interface Owner {
  readonly ref: MoRef;
  readonly datacenter: MoRef;
  readonly config: VmConfig;
}

export async function buildDisks(world: World, owner: Owner): Promise<Disk[]> {
  const disks: Disk[] = [];
  for (const config of owner.config.disks) disks.push(await buildDisk(world, owner, { config, before: disks }));
  return disks;
}

/** Also used to put another disk into a slot later on. */
export async function buildDisk(
  world: World,
  owner: Owner,
  options: { config: DiskConfig; before: readonly Disk[] },
): Promise<Disk> {
  const { config, before } = options;
  const controller = config.controller ?? 'pvscsi';
  const bus = config.bus ?? 0;
  const unit = config.unit ?? freeUnit(before, { controller, bus });
  const key = config.key ?? defaultKey({ controller, bus, unit });
  const datastore = findDatastore(world, owner, config.datastore);
  const path = join(world.directory, 'images', owner.ref.value, `disk-${key}-${world.nextId()}.raw`);
  const image = await DiskImage.create(path, { capacity: config.capacityBytes, content: config.content });
  if (image.capacity === 0 || image.capacity % SECTOR !== 0) {
    throw new Error(`vm ${owner.config.name}, disk ${key}: capacity ${image.capacity} is not a positive multiple of ${SECTOR}`);
  }
  const fileName = freeFileName(`[${datastore.name}] ${fileStem(owner.config.name)}/${fileStem(owner.config.name)}`, before);
  return {
    key,
    controller,
    bus,
    unit,
    image,
    uuid: config.uuid ?? randomDiskUuid(world.random),
    mode: config.mode ?? 'persistent',
    sharing: config.sharing ?? 'sharingNone',
    sharedBus: config.sharedBus ?? 'noSharing',
    backing: config.backing ?? 'flat',
    thin: config.thin ?? true,
    datastore: datastore.ref,
    fileName,
    cbt: undefined,
    isCbtIncomplete: false,
  };
}

/** `vm.vmdk`, `vm_1.vmdk`, … the first no other disk has. */
function freeFileName(stem: string, disks: readonly Disk[]): string {
  const used = new Set(disks.map((disk) => disk.fileName.replace(/-\d{6}\.vmdk$/, '.vmdk')));
  let candidate = `${stem}.vmdk`;
  for (let number = 1; used.has(candidate); number++) candidate = `${stem}_${number}.vmdk`;
  return candidate;
}

function findDatastore(world: World, owner: Owner, name: string | undefined) {
  const here = [...world.datastores.values()].filter((datastore) => MoRef.isEqual(datastore.datacenter, owner.datacenter));
  const found = name === undefined ? here[0] : here.find((datastore) => datastore.name === name);
  if (found === undefined) throw new Error(`vm ${owner.config.name}: no datastore ${name ?? ''}`);
  return found;
}

function freeUnit(disks: readonly Disk[], { controller, bus }: { controller: ControllerKind; bus: number }): number {
  const used = new Set(disks.filter((disk) => disk.controller === controller && disk.bus === bus).map((disk) => disk.unit));
  let unit = 0;
  while (used.has(unit) || unit === SCSI_OWN_UNIT) unit += 1;
  return unit;
}

/** The keys vSphere gives; clients must not derive the slot from them. */
function defaultKey({ controller, bus, unit }: { controller: ControllerKind; bus: number; unit: number }): number {
  if (controller === 'ahci') return 16_000 + 30 * bus + unit;
  if (controller === 'nvme') return 32_000 + 15 * bus + unit;
  if (controller === 'ide') return 3_000 + 2 * bus + unit;
  return 2_000 + 16 * bus + unit;
}

/** A disk uuid the way vSphere prints it. */
const randomDiskUuid = (random: () => number): string =>
  [`6000C29${randomHex(random, 1)}`, ...[4, 4, 4, 12].map((digits) => randomHex(random, digits))].join('-');

/** A VM's name as vSphere uses it for files: characters a path cannot hold become underscores. */
export const fileStem = (vmName: string): string => vmName.replace(/[%/\\:*?"<>|]/g, '_');
