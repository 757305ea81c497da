import type { DiskReader } from '../../contracts/disk-reader.js';
import type { SnapshotDisk, SourceSnapshot } from '../../contracts/source-provider.js';
import type { NbdServer } from '../../host/nbd-server.js';
import type { ChangeId } from '../../model/change-id.js';
import { type DiskKey, type SnapshotRef, snapshotRef, type VmRef } from '../../model/ids.js';
import type { ObservedSnapshot } from '../../model/observed-source.js';
import type { NbdDependencies } from './config.js';
import { sameContent, uuidOf } from './content.js';
import { type CallSite, inUse, moved, notFound, notOpened } from './errors.js';
import { serveImage } from './image/image-server.js';
import type { Image } from './image/judge-image.js';
import type { LookedAt } from './look-at-disk.js';
import type { Machine, MachineDisk } from './machine.js';

const REQUEST_BYTES_MAX = 2 ** 25;
const CONNECTIONS = 4;
/** File systems keep times in steps of up to this; what is written within one step of a look does not show. */
const TIME_STEP_MS = 2_000;

interface MachineSnapshot {
  readonly snapshot: SourceSnapshot;
  readonly seen: ObservedSnapshot;
  readonly disks: ReadonlyMap<DiskKey, SnapshotImage>;
}

interface SnapshotImage {
  readonly disk: MachineDisk;
  readonly uri: string;
  readonly content: ChangeId | undefined;
  /** When any of its files was changed in any way; 0: nobody tells. */
  readonly changedAtMs: number;
  /** Keeps every QEMU from writing. Absent: somebody else serves it. */
  readonly server?: NbdServer;
}

export interface HoldingContext extends Pick<NbdDependencies, 'clock' | 'programs' | 'socketFolder'> {
  readonly provider: string;
  readonly certificates: string | undefined;
  /** How a disk is now. */
  look(disk: MachineDisk): Promise<LookedAt>;
}

let count = 0;

/**
 * Machines that are off, held so: as long as a snapshot is there, every image has a server of ours that keeps QEMU from writing to it.
 * Others who write are found by what the files hold. Nothing is made that outlives this process.
 */
export class MachineSnapshots implements AsyncDisposable {
  private readonly snapshots = new Map<SnapshotRef, MachineSnapshot>();

  constructor(private readonly context: HoldingContext) {}

  of(vm: VmRef): ObservedSnapshot[] {
    return [...this.snapshots.values()].filter(({ snapshot }) => snapshot.vm === vm).map(({ seen }) => seen);
  }

  /** A name is used once. ProviderError held, when some disk is in use; none is held then. */
  async take(
    machine: Machine,
    vm: VmRef,
    request: { readonly name: string; readonly description: string },
  ): Promise<SourceSnapshot> {
    const ref = snapshotRef(request.name);
    const earlier = this.snapshots.get(ref);
    if (earlier !== undefined) return earlier.snapshot;
    const images: SnapshotImage[] = [];
    try {
      for (const disk of machine.disks) images.push(await this.hold(disk));
      const disks = await this.settle(machine.disks, images);
      const snapshot = { ref, vm, name: request.name, disks: disks.map(({ frozen }) => frozen) };
      const seen = { ref, ...request, createdAt: this.context.clock.now().toISOString() };
      this.snapshots.set(ref, { snapshot, seen, disks: new Map(disks.map(({ frozen, image }) => [frozen.key, image])) });
      return snapshot;
    } catch (error) {
      await letGo(images);
      throw error;
    }
  }

  async remove(ref: SnapshotRef): Promise<void> {
    const machine = this.snapshots.get(ref);
    this.snapshots.delete(ref);
    if (machine !== undefined) await letGo([...machine.disks.values()]);
  }

  reader(snapshot: SourceSnapshot, disk: DiskKey): DiskReader {
    const site = this.site('open image');
    const image = this.snapshots.get(snapshot.ref)?.disks.get(disk);
    if (image === undefined) throw notFound(site, `${snapshot.name} has no disk ${disk}`);
    return {
      program: 'nbdkit',
      plugin: 'nbd',
      args: [`uri=${image.uri}`, ...this.certificatesOf(image)],
      secrets: [],
      requestBytesMax: REQUEST_BYTES_MAX,
      connections: CONNECTIONS,
      ...(image.content !== undefined && { requireUnmoved: () => this.requireUnmoved(image) }),
    };
  }

  private certificatesOf({ uri }: SnapshotImage): string[] {
    const { certificates } = this.context;
    return certificates === undefined || !uri.startsWith('nbds:') ? [] : [`tls-certificates=${certificates}`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ref of [...this.snapshots.keys()]) await this.remove(ref);
  }

  private readonly site = (call: string): CallSite => ({ provider: this.context.provider, call });

  private async hold(disk: MachineDisk): Promise<SnapshotImage> {
    const site = this.site('open image');
    const { image, content, problem, usedBy } = await this.context.look(disk);
    if (problem !== undefined) throw notOpened(site, problem);
    if (usedBy !== undefined) throw inUse(site, usedBy);
    if (image === undefined) return { disk, content, changedAtMs: 0, uri: 'uri' in disk.location ? disk.location.uri : '' };
    const { clock, programs, socketFolder } = this.context;
    const server = await serveImage(image, { site, clock, programs, base: `${await socketFolder()}/image-${++count}` });
    return { disk, content, changedAtMs: changedAtMs(image), uri: server.uri, server };
  }

  /** How the disks are once all are held: what was written right before shows only when its time can be told from now. */
  private async settle(disks: readonly MachineDisk[], images: readonly SnapshotImage[]) {
    const { clock } = this.context;
    const newest = Math.max(...images.map((image) => image.changedAtMs));
    if (clock.now().getTime() - newest < TIME_STEP_MS) await clock.sleep(TIME_STEP_MS);
    return Promise.all(
      disks.map(async (disk, index) => {
        const { capacity, content, problem } = await this.context.look(disk);
        const image = images[index]!;
        if (problem !== undefined) throw moved(this.site('open image'), problem);
        this.requireSame(image, content);
        const frozen: SnapshotDisk = {
          key: disk.key,
          uuid: uuidOf(disk.source),
          capacity,
          file: disk.source,
          ...(content === undefined ? {} : { changeId: content }),
        };
        return { frozen, image };
      }),
    );
  }

  private async requireUnmoved(image: SnapshotImage): Promise<void> {
    const { content, problem } = await this.context.look(image.disk);
    if (problem !== undefined) throw moved(this.site('read image'), problem);
    this.requireSame(image, content);
  }

  private requireSame({ disk, content }: SnapshotImage, now: ChangeId | undefined): void {
    if (content === undefined || (now !== undefined && sameContent(content, now))) return;
    throw moved(this.site('read image'), `${disk.source} was written to, or replaced, while it was read`);
  }
}

const changedAtMs = ({ files }: Image): number => Math.max(...files.map(({ facts }) => Number(facts.ctimeNs / 1_000_000n)));

const letGo = async (images: readonly SnapshotImage[]): Promise<void> => {
  await Promise.all(images.map(({ server }) => server?.close()));
};
