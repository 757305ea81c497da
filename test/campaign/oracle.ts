import { converted } from '../../lab/estate/bytes.js';
import type { Snapshot, SourceMachine } from '../../lab/estate/source-machine.js';
import { macOf } from '../../lab/estate/source-provider.js';
import type { EstateServer, EstateVolume, TargetProject } from '../../lab/estate/target-project.js';
import { idOf } from '../../lab/estate/tracked-disk.js';
import type { VolumeId } from '../../src/model/ids.js';
import { adoptionMark, type SyncRecord } from '../../src/model/sync-record.js';
import { decodeRecord } from '../../src/state/sync-record-codec.js';
import type { Wish } from './story.js';

/** What must never be. `kind` names the rule that was broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
  constructor(
    readonly kind: string,
    readonly detail: string,
  ) {
    super(`${kind}: ${detail}`);
  }
}

/** What people asked for at the moment, and what they let the running command do. */
export interface Permission {
  readonly wish: Wish;
  readonly cutover: boolean;
}

interface Claim {
  readonly record: SyncRecord;
  /** What the disk held at the point that the record names. */
  readonly bytes: Uint8Array;
}

/**
 * Judges every claim that a record makes at the moment it is made, and the bytes below it ever after. It knows the snapshots
 * themselves, so that an id which two of them bear is no way around it.
 */
export class Oracle {
  private readonly claims = new Map<VolumeId, Claim>();
  private readonly final = new Set<VolumeId>();
  private readonly found: Violation[] = [];
  /** Being copied in full, and copied so for what the manifest asks for and has asked for ever since. */
  private readonly inFull = new Set<VolumeId>();
  private readonly reseeded = new Map<VolumeId, Wish['reseed']>();
  private readonly seen = new Set<VolumeId>();
  /** Without a record of ours, and with the marks of another tool. */
  private readonly foreign = new Set<VolumeId>();
  permission: Permission | undefined;

  constructor(
    private readonly machine: () => SourceMachine,
    private readonly project: () => TargetProject,
    /** Rules, by the beginning of their name, that may be broken for now. */
    private readonly passedOver: readonly string[],
  ) {}

  complain(kind: string, detail: string): void {
    if (this.passedOver.some((name) => kind.startsWith(name))) return;
    this.found.push(new Violation(kind, detail));
  }

  /** Wrong bytes are told apart by what may have led to them. */
  wrong(kind: string, detail: string): void {
    const traps = [...this.machine().traps].sort();
    this.complain(traps.length === 0 ? kind : `${kind} after ${traps.join(' and ')}`, detail);
  }

  /** Throws the first that was found. */
  expectNone(): void {
    for (const volume of this.project().volumes.values()) this.checkBytes(volume);
    const [first] = this.found;
    if (first !== undefined) throw first;
  }

  onPowerOff(): void {
    const { permission } = this;
    if (permission?.wish.phase !== 'cutover') this.complain('powered off', 'no manifest asks for a cutover');
    else if (!permission.cutover) this.complain('powered off', 'nobody approved it');
  }

  onMetadata(volume: EstateVolume): void {
    if (!this.seen.has(volume.id)) this.onVolume(volume);
    const record = recordOf(volume);
    if (record === undefined) return;
    switch (record.state.kind) {
      case 'dirty':
        this.onDirty(volume, record);
        this.claims.delete(volume.id);
        return;
      case 'clean':
        return this.onClean(volume, record);
      case 'committing':
        return this.onFinal(volume, record);
      case 'converted':
        if (this.machine().traits.place === 'cloud') this.onFinal(volume, record);
        this.final.add(volume.id);
        this.keep(volume, record, this.claims.get(volume.id)?.bytes);
    }
  }

  private onVolume({ id, name, request }: EstateVolume): void {
    this.seen.add(id);
    const wanted = this.permission?.wish.volumeType;
    if (request.type !== wanted) this.complain('not as asked for', `volume ${name} of type ${request.type}, and not ${wanted}`);
  }

  /** What has a point to continue from is copied in full only where people say so, and once for each time that they do. */
  private onDirty(volume: EstateVolume, { state, reseed }: SyncRecord): void {
    const before = this.claims.get(volume.id)?.record.state;
    const hadBase = before?.kind === 'clean' && before.at !== undefined;
    const asked = this.permission?.wish.reseed ?? false;
    const isAsked = asked !== false;
    const isFull = state.kind === 'dirty' && state.base === undefined;
    if (isFull) this.inFull.add(volume.id);
    else this.inFull.delete(volume.id);
    const isTakenOver = reseed === adoptionMark && this.permission?.wish.adopt === true && this.foreign.has(volume.id);
    this.foreign.delete(volume.id);
    if (hadBase && isFull && !isAsked && !isTakenOver) this.complain('a full copy that nobody asked for', volume.name);
    if (hadBase && isFull && isAsked && this.reseeded.get(volume.id) === asked)
      this.complain('a full copy for what was carried out', volume.name);
    if (!isAsked) this.reseeded.delete(volume.id);
  }

  /** Of a volume that lost its record nobody knows what was carried out. */
  onStripped({ id }: EstateVolume): void {
    this.foreign.add(id);
    this.reseeded.delete(id);
  }

  /** What it is made of, another tool has chosen. */
  onForeign({ id }: EstateVolume): void {
    this.foreign.add(id);
    this.seen.add(id);
  }

  /** At this instant a snapshot of the run still freezes the disk as it now is on the volume. */
  private onClean(volume: EstateVolume, record: SyncRecord): void {
    const { disk } = record.identity;
    const asked = this.permission?.wish.reseed ?? false;
    if (this.inFull.delete(volume.id) && asked !== false) this.reseeded.set(volume.id, asked);
    const at = record.state.kind === 'clean' ? record.state.at : undefined;
    const candidates = [...this.machine().snapshots.values()].filter(
      (snapshot) => snapshot.name.startsWith(`migplan-${record.run}-`) && bearsId(snapshot, disk, at),
    );
    const bytes = candidates.at(-1)?.disks.get(disk)?.bytes;
    if (bytes === undefined) this.complain('clean without a snapshot', `${volume.name} says ${volume.metadata['migplan']}`);
    this.keep(volume, record, bytes);
  }

  /** Nothing that the guest wrote may be missing on what is converted, and nobody may run beside it. */
  private onFinal(volume: EstateVolume, record: SyncRecord): void {
    const { machine, permission } = this;
    const claim = this.claims.get(volume.id);
    if (claim === undefined) return this.complain('final without clean', volume.name);
    this.keep(volume, record, claim.bytes);
    if (permission?.wish.phase !== 'cutover' || !permission.cutover)
      this.complain('converted', 'nobody asked for or approved it');
    if (this.others(volume).some(({ state: { kind } }) => kind === 'committing' || kind === 'converted')) return;
    if (machine().power !== 'off') this.complain('converted while the source runs', volume.name);
    const now = machine().disks.find(({ key }) => key === record.identity.disk)?.bytes;
    if (permission?.wish.finalSync === 'skip' || now === undefined) return;
    if (!same(now, claim.bytes))
      this.wrong('last writes are missing', `${volume.name} is made final at ${claim.bytes}, the source is at ${now}`);
  }

  private others(volume: EstateVolume): SyncRecord[] {
    return [...this.project().volumes.values()].flatMap((other) => (other.id === volume.id ? [] : (recordOf(other) ?? [])));
  }

  private keep(volume: EstateVolume, record: SyncRecord, bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) this.claims.set(volume.id, { record, bytes: bytes.slice() });
  }

  onServer(server: EstateServer): void {
    const { traits, power, systemDisk } = this.machine();
    const { request } = server;
    const wish = this.permission?.wish;
    if (power !== 'off') this.complain('two of one guest', `${request.name} is made while the source is ${power}`);
    const records = request.volumes.map((id) => recordOf(this.project().volumes.get(id)!));
    if (records.some((record) => record?.state.kind !== 'converted'))
      this.complain('server of what is not converted', request.name);
    const boot = records[0]?.identity.disk;
    // Where people took the system away, what they name is theirs; nothing may be taken for it by itself.
    const isTheirs = wish?.bootDisk !== undefined && !this.machine().disks.some(({ key }) => key === systemDisk);
    if (boot !== systemDisk && !isTheirs)
      this.complain('boots another volume', `disk ${boot}, and the system is on ${systemDisk}`);
    const macs = Array.from({ length: traits.nics }, (_, index) => macOf(index)).slice(wish?.networks === 'skip first' ? 1 : 0);
    const ports = request.ports.map(({ mac }) => mac ?? 'new');
    if (macs.join() !== ports.join()) this.complain('not the NICs', `${macs} at the source, ${ports} at the server`);
    if (request.flavor !== wish?.flavor) this.complain('not as asked for', `flavor ${request.flavor}`);
    this.checkHardware(server);
    if (server.hardware['hw_machine_type'] === undefined) this.complain('no machine type', request.name);
  }

  /** What the guest boots from and talks through must be something it knows. What ran on KVM already is as it was. */
  private checkHardware({ request, hardware }: EstateServer): void {
    const { place, takesVirtio, needsUefi } = this.machine().traits;
    if (place === 'cloud') return;
    const { hw_disk_bus: bus = 'virtio', hw_vif_model: model = 'virtio', hw_firmware_type: firmware } = hardware;
    const usesVirtio = !['ide', 'sata'].includes(bus) || model === 'virtio';
    if (usesVirtio && !takesVirtio)
      this.complain('no drivers for its hardware', `${request.name} has ${bus} disks and a ${model} NIC`);
    if (needsUefi && firmware !== 'uefi') this.complain('another firmware', `${request.name} needs UEFI`);
  }

  /** A record that people removed or changed claims nothing. */
  private checkBytes(volume: EstateVolume): void {
    const record = recordOf(volume);
    const claim = this.claims.get(volume.id);
    if (record === undefined) return;
    const { kind } = record.state;
    if (this.final.has(volume.id) && kind !== 'converted') this.complain('no longer final', `${volume.name} is ${kind}`);
    if (claim === undefined || kind === 'dirty') return;
    const before = claim.bytes;
    const after = this.madeOf(record, before);
    const bytes = volume.durable.slice(0, before.length);
    const is = `${volume.name} says ${kind} and holds ${bytes}`;
    if (kind === 'clean' && !same(bytes, before)) this.wrong('clean and wrong', `${is}, the snapshot had ${before}`);
    if (kind === 'converted' && !same(bytes, after)) this.wrong('converted and wrong', `${is}, it should be ${after}`);
    const strange = bytes.some((byte, block) => byte !== before[block] && byte !== after[block]);
    if (kind === 'committing' && strange) this.wrong('half merged and wrong', is);
  }

  private madeOf({ identity }: SyncRecord, bytes: Uint8Array): Uint8Array {
    const { traits, systemDisk } = this.machine();
    return traits.place === 'vcenter' && identity.disk === systemDisk ? converted(bytes) : bytes;
  }
}

export function recordOf({ metadata }: EstateVolume): SyncRecord | undefined {
  const reading = decodeRecord(metadata);
  return reading.kind === 'record' ? reading.record : undefined;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, index) => byte === b[index]);

/** A record without a point to continue from may stand for a disk that is tracked all the same: by tracking that is not believed. */
function bearsId(
  snapshot: Snapshot,
  disk: SyncRecord['identity']['disk'],
  at: { epoch: string; sequence: number } | undefined,
): boolean {
  const picture = snapshot.disks.get(disk);
  if (picture === undefined) return false;
  const id = idOf(picture);
  return at === undefined || (id?.epoch === at.epoch && id.sequence === at.sequence);
}
