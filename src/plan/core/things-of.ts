import { formatChangeId } from '../../model/change-id.js';
import type { Fields, Things, Told } from '../../model/left.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedDisk, ObservedVm } from '../../model/observed-source.js';
import type { ObservedServer, ObservedVolume } from '../../model/observed-target.js';
import { own } from '../../model/own.js';
import { changeIdOf, type RecordParseResult } from '../../model/sync-record.js';
import { normalizeUuid } from '../../model/uuid.js';

/** Of a disk that is nowhere. */
export const noDisk: Fields = { disk: null, volume: null };
/** Of a VM that became no server. */
export const noServer: Fields = { server: null };

/**
 * What is there of one VM, in the words in which differences are told. Left out is what changes without anybody's doing: what a guest
 * writes, where it runs, when it was started, and what runs of ours hold meanwhile. Pure. undefined: the VM is not found, so nothing of it is known.
 */
export function thingsOf(address: string, observed: ObservedMigration): Things | undefined {
  const { source } = observed;
  if (source.kind !== 'found') return undefined;
  const keys = new Set([...source.vm.disks.map(({ key }) => String(key)), ...Object.keys(observed.volumes)]);
  const disks = [...keys].map((key) => [`${address}/disk/${key}`, diskFields(key, source.vm, observed)] as const);
  return {
    [address]: vmFields(source.vm, observed),
    ...Object.fromEntries(disks),
    [`${address}/server`]: serverFields(observed),
  };
}

function vmFields(vm: ObservedVm, { local }: ObservedMigration): Fields {
  const ours: readonly string[] = local.ownSnapshots;
  const snapshots = vm.snapshots.filter(({ ref }) => !ours.includes(ref));
  const current = vm.currentSnapshot ?? null;
  return {
    vm: vm.ref,
    name: vm.name,
    instance_uuid: normalizeUuid(vm.instanceUuid),
    power: vm.power,
    firmware: vm.firmware,
    secure_boot: vm.secureBoot,
    guest_os: vm.guest.id,
    cpus: vm.cpus,
    memory_mib: vm.memoryMiB,
    nics: Object.fromEntries(vm.nics.map(({ key, mac, network }) => [String(key), { mac, network }])),
    snapshots: Object.fromEntries(snapshots.map(({ ref, name }) => [ref, name])),
    // Of ours, it is gone with the run that took it.
    ...(current !== null && ours.includes(current) ? {} : { current_snapshot: current }),
  };
}

function diskFields(key: string, vm: ObservedVm, observed: ObservedMigration): Fields {
  const disk = vm.disks.find((one) => String(one.key) === key);
  return {
    ...(disk === undefined ? { disk: null } : sourceFields(disk, vm)),
    ...volumesFields(own(observed.volumes, key) ?? [], observed),
  };
}

/** A source without tracking names by its change id what the disk holds, which is no drift. */
function sourceFields({ uuid, label, capacity, slot, changeId }: ObservedDisk, { traits }: ObservedVm): Fields {
  return {
    disk: uuid === '' ? label : normalizeUuid(uuid),
    label,
    capacity,
    slot: `${slot.bus}${slot.controller}:${slot.unit}`,
    ...(changeId === undefined || traits.tracking === 'none' ? {} : { tracking_epoch: changeId.epoch }),
  };
}

function volumesFields(volumes: readonly ObservedVolume[], observed: ObservedMigration): Fields {
  const [volume, ...others] = volumes;
  if (volume === undefined) return { volume: null };
  return others.length > 0 ? { volume: volumes.map(({ id }) => id).sort() } : volumeFields(volume, observed);
}

const volumeFields = (volume: ObservedVolume, { conversionHost }: ObservedMigration): Fields => ({
  volume: volume.id,
  volume_name: volume.name,
  volume_size: volume.size,
  volume_type: volume.type,
  bootable: volume.bootable,
  image_metadata: volume.imageMetadata,
  // Without a server: held by a run.
  attached_to: volume.attachments
    .flatMap(({ server }) => (server === undefined || server === conversionHost?.server ? [] : [server]))
    .sort(),
  record: recordTold(volume.reading),
});

function recordTold(reading: RecordParseResult): Told {
  if (reading.kind === 'none') return null;
  if (reading.kind !== 'record') return { state: reading.kind };
  const { state, run, cycle, capacity } = reading.record;
  const changeId = changeIdOf(state);
  return { state: state.kind, run, cycle, capacity, change_id: changeId === undefined ? null : formatChangeId(changeId) };
}

function serverFields({ server, catalog }: ObservedMigration): Fields {
  if (server === undefined) return noServer;
  const { make = {} } = server;
  return {
    server: server.id,
    name: server.name,
    status: server.status,
    ...(make.flavor === undefined ? {} : { flavor: make.flavor }),
    ...(make.availabilityZone === undefined ? {} : { availability_zone: make.availabilityZone }),
    ...(make.keyName === undefined ? {} : { key_name: make.keyName }),
    ...(make.securityGroups === undefined ? {} : { security_groups: [...new Set(make.securityGroups)].sort() }),
    ...(catalog.ports === undefined ? {} : { ports: portsOf(server, catalog.ports) }),
  };
}

type Ports = NonNullable<ObservedMigration['catalog']['ports']>;

const portsOf = ({ id: of }: ObservedServer, ports: Ports): Told =>
  Object.fromEntries(
    ports
      .filter(({ server }) => server === of)
      .map(({ id, network, mac, addresses }) => [id, { network, mac: mac.toLowerCase(), addresses: addresses.toSorted() }]),
  );
