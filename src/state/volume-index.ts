import type { TargetVolume } from '../contracts/target-provider.js';
import { kitVolumeNames, type SeedReading, seedOf } from '../model/foreign-seed.js';
import { pushTo } from '../model/grouped.js';
import type { DiskKey, VolumeId } from '../model/ids.js';
import type { ObservedVm } from '../model/observed-source.js';
import type { ObservedVolume, RecordedVolume } from '../model/observed-target.js';
import { own } from '../model/own.js';
import { recordKeys } from '../model/sync-record.js';
import { decodeRecord } from './sync-record-codec.js';

const seedReading = ({ reading }: ObservedVolume): SeedReading | undefined => (reading.kind === 'foreign' ? reading : undefined);

/** The volumes of a project, each record decoded once however many VMs look for theirs. */
export class VolumeIndex {
  private readonly byVm = new Map<string, RecordedVolume[]>();
  private readonly byName = new Map<string, ObservedVolume[]>();
  private readonly byNotes = new Map<string, ObservedVolume[]>();
  private readonly recorded = new Set<VolumeId>();

  constructor(volumes: readonly TargetVolume[]) {
    // A plan of the same world is the same plan, in whatever order pages of a list come.
    for (const { metadata, ...rest } of volumes.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      const lineage = own(metadata, recordKeys.lineage);
      const volume: ObservedVolume = { ...rest, reading: decodeRecord(metadata), ...(lineage !== undefined && { lineage }) };
      const { reading } = volume;
      if (reading.kind !== 'record') {
        pushTo(this.byName, volume.name, volume);
        const notes = seedReading(volume)?.notes;
        if (notes !== undefined) pushTo(this.byNotes, notes.vm, volume);
        continue;
      }
      const { vm, disk } = reading.record.identity;
      pushTo(this.byVm, vm, { volume, vm, disk });
      this.recorded.add(volume.id);
    }
  }

  /** Those whose record names this VM. */
  ofVm(vm: string): readonly RecordedVolume[] {
    return this.byVm.get(vm) ?? [];
  }

  /** Those of this name without a record of ours. */
  named(name: string): readonly ObservedVolume[] {
    return this.byName.get(name) ?? [];
  }

  /** Those that other tools began for this disk, as far as names and notes tell. */
  seedsOf(vm: Pick<ObservedVm, 'name' | 'ref'>, disk: DiskKey): readonly ObservedVolume[] {
    const called = kitVolumeNames(vm.name, disk).flatMap((name) => this.named(name));
    const noted = this.byNotes.get(vm.ref) ?? [];
    return [...called, ...noted].filter((volume) => {
      const reading = seedReading(volume);
      return reading !== undefined && seedOf(reading, { vm, disk }) !== undefined;
    });
  }

  hasRecord(id: VolumeId): boolean {
    return this.recorded.has(id);
  }

  /** Those that belong to none of these VMs, and were not converted. */
  ofOtherVms(vms: ReadonlySet<string>): readonly RecordedVolume[] {
    return [...this.byVm].flatMap(([vm, volumes]) =>
      vms.has(vm)
        ? []
        : volumes.filter(({ volume: { reading } }) => reading.kind === 'record' && reading.record.state.kind !== 'converted'),
    );
  }
}
