import type { SnapshotDisk, SourceSnapshot } from '../../contracts/source-provider.js';
import { type ChangeId, formatChangeId, sameEpoch, shortChangeId } from '../../model/change-id.js';
import { alignOutward, clip, type Extent, merge } from '../../model/extent.js';
import type { DiskKey } from '../../model/ids.js';
import type { VmwareContext } from './context.js';
import { cbtInvalid, mapUnreadable, notFound } from './errors.js';
import { snapshotDisks, vmMoref } from './snapshots.js';
import { safeBytes } from './soap/read-scalar.js';
import { READ } from './soap/session.js';
import { asFault, isFault, type VimFault } from './soap/vim-fault.js';
import type { Vim } from './wsdl/vim.js';

const QUERY = 'QueryChangedDiskAreas';
/** Fewer and larger reads; small disks are tracked in these units anyway. */
const ALIGNMENT = 64 * 1024;
/** A lock on the change map that is only held for a moment. */
const FILE_FAULT_WAIT_MS = 30_000;
const WINDOWS_MAX = 1_000_000;

/** One question: what of this disk of the snapshot differs from `since`. */
interface Question {
  readonly context: VmwareContext;
  readonly snapshot: SourceSnapshot;
  readonly disk: SnapshotDisk;
  readonly since: ChangeId;
}

/** See SourceProvider.changedExtents. */
export async function changedExtents(
  context: VmwareContext,
  snapshot: SourceSnapshot,
  { disk: key, since }: { readonly disk: DiskKey; readonly since: ChangeId },
): Promise<Extent[]> {
  const disk = snapshot.disks.find((snapshotDisk) => snapshotDisk.key === key);
  if (disk === undefined) throw notFound(context.config.name, QUERY, `disk ${key} is not part of snapshot ${snapshot.name}`);
  requireComparable(context.config.name, disk, since);
  const question = { context, snapshot, disk, since };
  try {
    return await askAll(question);
  } catch (error) {
    if (isFault(error, 'FileFault'))
      throw mapUnreadable(
        context.config.name,
        `disk ${key}: its change map cannot be read: ${(error as VimFault).sentence}`,
        error,
      );
    if (isFault(error, 'InvalidArgument', 'NotFound')) throw await explain(question, error as VimFault);
    throw error;
  }
}

/** What the two ids tell without asking. Equal ids are asked about too: nothing is ever taken for unchanged unasked. */
function requireComparable(provider: string, { key, changeId }: SnapshotDisk, since: ChangeId): void {
  if (changeId === undefined) throw cbtInvalid(provider, `disk ${key}: the snapshot has no change id, so tracking is not active`);
  if (!sameEpoch(changeId, since)) {
    throw cbtInvalid(
      provider,
      `disk ${key}: tracking was started anew (${shortChangeId(since)} is not of the same epoch as ${shortChangeId(changeId)})`,
    );
  }
  if (since.sequence > changeId.sequence) {
    throw cbtInvalid(
      provider,
      `disk ${key}: the VM went back to an earlier point (${shortChangeId(since)} is later than ${shortChangeId(changeId)})`,
    );
  }
}

/** The windows that the server chooses must tile the disk. One without any area is legal and means just that. */
async function askAll(question: Question): Promise<Extent[]> {
  const { disk, context } = question;
  const changed: Extent[] = [];
  let position = 0;
  for (let windows = 0; position < disk.capacity; windows++) {
    const window = await ask(question, position);
    const start = safeBytes(window.startOffset, QUERY);
    const length = safeBytes(window.length, QUERY);
    if (start !== position || length <= 0 || windows >= WINDOWS_MAX) {
      throw cbtInvalid(
        context.config.name,
        `disk ${disk.key}: asked from ${position}, the server answered for ${length} bytes from ${start}`,
      );
    }
    for (const area of window.changedArea)
      changed.push({ offset: safeBytes(area.start, QUERY), length: safeBytes(area.length, QUERY) });
    position = start + length;
  }
  const inside = clip(merge(changed), { offset: 0, length: disk.capacity });
  return alignOutward(inside, ALIGNMENT, disk.capacity);
}

async function ask(question: Question, startOffset: number): Promise<Vim<'DiskChangeInfo'>> {
  const { context, snapshot, disk, since } = question;
  const query = () =>
    context.session.call(
      QUERY,
      vmMoref(snapshot.vm),
      {
        snapshot: { type: 'VirtualMachineSnapshot', value: snapshot.ref },
        deviceKey: disk.key,
        startOffset,
        changeId: formatChangeId(since),
      },
      READ,
    );
  try {
    return await query();
  } catch (error) {
    if (!isFault(error, 'FileFault')) throw error;
    await context.session.environment.clock.sleep(FILE_FAULT_WAIT_MS);
    return query();
  }
}

/** Tells an unusable id from a disk or snapshot that is not there any more. */
async function explain({ context, snapshot, disk }: Question, fault: VimFault): Promise<unknown> {
  const provider = context.config.name;
  const property = asFault(fault, 'InvalidArgument')?.invalidProperty;
  if (property === 'changeId')
    return cbtInvalid(provider, `disk ${disk.key}: vCenter does not accept the change id any more`, fault);
  const now = (await snapshotDisks(context, snapshot.ref)).find(({ key }) => key === disk.key);
  if (now === undefined) return notFound(provider, QUERY, `disk ${disk.key} is not part of snapshot ${snapshot.name} any more`);
  if (now.capacity !== disk.capacity)
    return cbtInvalid(provider, `disk ${disk.key} has ${now.capacity} bytes now, not ${disk.capacity}`, fault);
  return cbtInvalid(
    provider,
    `disk ${disk.key}: vCenter refuses the question (${fault.type}${property === undefined ? '' : ` ${property}`})`,
    fault,
  );
}
