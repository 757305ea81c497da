import { join } from 'node:path';
import type { ConversionDisk, ConversionReport } from '../../contracts/converter.js';
import { DiagnosticsError, invariant } from '../../diag/diagnostic.js';
import { interruptible, uninterrupted } from '../../host/interruption.js';
import { type DiskKey, type RunId, runId } from '../../model/ids.js';
import { freshRequests } from '../../model/reseed.js';
import { changeIdOf } from '../../model/sync-record.js';
import { mergingSteps } from '../../plan/cutover/overlay-missing.js';
import type { ActionHandler, ApplyContext } from '../handler.js';
import { judgeConversion, type ServerToBe } from '../judge-conversion.js';
import { lookInto, reviewedGuest } from '../look-into-guest.js';
import { withOpenVolumes } from '../open-volumes.js';
import { writeState } from '../records.js';
import { heed } from '../refusal.js';
import { requireOff } from './power-off.js';

/**
 * virt-v2v writes to overlays, so until they are complete the volumes stay clean and can still take deltas. `committing` is
 * durable on every disk before the first byte of any overlay is merged; from there only forward.
 */
export const convert: ActionHandler<'convert'> = async (action, context) => {
  const { disks, firmware, guestFamily, hardware } = action;
  requireSameCycle(context, disks);
  await requireOff(context, 'once');
  await withConversionDisks(context, { disks, run: context.run }, async (open) => {
    for (const { overlay } of open) await context.converter.discard(overlay);
    const state = 'nothing was converted, the volumes can still take deltas';
    const root = context.roots.get('guest') ?? (await lookInto(open, context, { conversion: action, state }));
    const report = await context.converter.convert({
      name: context.desired.name,
      firmware,
      guestFamily,
      disks: open,
      root,
      folder: join(context.overlayFolder(context.run), 'work'),
      onStage: (stage, percent) => context.emit({ type: 'conversion-stage', address: context.desired.address, stage, percent }),
      signal: context.signal,
    });
    await context.journal.write('converted-overlays', { address: context.desired.address, report });
    await requireGood(report, { ...reviewedGuest(context, action), hardware, root }, { context, open });
    // The last moment to turn back: a source that was powered on meanwhile would go on in two places.
    await requireOff(context, 'once');
    await commitAll(context, open, context.run);
  });
};

/** What would not boot is not merged, and its overlays go. */
async function requireGood(
  report: ConversionReport,
  server: ServerToBe,
  { context, open }: { readonly context: ApplyContext; readonly open: readonly ConversionDisk[] },
): Promise<void> {
  const judgement = judgeConversion(report, server);
  if (judgement.refusals.length > 0) for (const { overlay } of open) await context.converter.discard(overlay);
  heed(judgement, context, 'nothing was merged, the volumes are as they were and can take deltas');
}

export const commitConversion: ActionHandler<'commit-conversion'> = async ({ disks, run }, context) => {
  requireSameCycle(context, disks, ['clean', 'committing']);
  await withConversionDisks(context, { disks, run }, async (open) => {
    for (const { key, overlay } of open) {
      if (!(await context.converter.hasOverlay(overlay))) throw overlayMissing(context, key, overlay);
    }
    await commitAll(context, open, runId(run));
  });
};

/** From here only forward: an interruption waits until it is done. Whoever has lost the VM does nothing more. */
const commitAll = (context: ApplyContext, open: readonly ConversionDisk[], run: RunId): Promise<void> =>
  uninterrupted(() => interruptible(context.lost, () => commitEach(context, open, run)));

async function commitEach(context: ApplyContext, open: readonly ConversionDisk[], run: RunId): Promise<void> {
  for (const { key } of open) if (stateKind(context, key) === 'clean') await moveTo(context, key, { kind: 'committing', run });
  for (const disk of open) if (stateKind(context, disk.key) === 'committing') await commitOne(context, disk);
  await markAll(
    context,
    open.map(({ key }) => key),
    run,
  );
}

/** Only where every disk is merged and flushed: a plan takes one mark for the proof of it, see plan/core/one-conversion.ts. */
async function markAll(context: ApplyContext, disks: readonly DiskKey[], run: RunId): Promise<void> {
  for (const key of disks) if (stateKind(context, key) === 'committing') await moveTo(context, key, { kind: 'converted', run });
  await discard(context, run, disks);
}

export const markConverted: ActionHandler<'mark-converted'> = async ({ disks, run }, context) => {
  requireSameCycle(context, disks, ['committing', 'converted']);
  const records = disks.map((disk) => context.records.get(disk));
  const isProven = records.some((record) => record?.state.kind === 'converted') && records.every((record) => record?.run === run);
  invariant(isProven, `nothing proves that run ${run} merged all disks of ${context.desired.address}`);
  await markAll(context, disks, runId(run));
};

async function commitOne({ ledger, converter }: ApplyContext, disk: ConversionDisk): Promise<void> {
  await ledger.requireLock();
  await converter.commit(disk);
}

export const discardOverlays: ActionHandler<'discard-overlays'> = async ({ runs, disks }, context) => {
  for (const run of runs) await discard(context, run, disks);
};

async function discard(context: ApplyContext, run: string, disks: readonly DiskKey[]): Promise<void> {
  for (const key of disks) await context.converter.discard(overlayPath(context, run, key));
  await context.forgetOverlays(run);
}

const overlayPath = (context: ApplyContext, run: string, key: DiskKey): string =>
  join(context.overlayFolder(run), `${key}.qcow2`);

const stateKind = ({ records }: ApplyContext, disk: DiskKey): string | undefined => records.get(disk)?.state.kind;

async function moveTo(
  context: ApplyContext,
  disk: DiskKey,
  { kind, run }: { readonly kind: 'committing' | 'converted'; readonly run: RunId },
): Promise<void> {
  const record = context.records.get(disk);
  invariant(record !== undefined && record.state.kind !== 'dirty', `disk ${disk} is not complete and must not be converted`);
  const from = changeIdOf(record.state);
  const { cycle, capacity, origin } = record;
  await writeState(context, disk, { state: { kind, from }, cycle, capacity, origin, run });
}

const withConversionDisks = (
  context: ApplyContext,
  { disks, run }: { readonly disks: readonly DiskKey[]; readonly run: string },
  work: (open: readonly ConversionDisk[]) => Promise<void>,
): Promise<void> =>
  withOpenVolumes(context, disks, (open) =>
    work(open.map(({ key, endpoint }) => ({ key, endpoint, overlay: overlayPath(context, run, key) }))),
  );

/** Disks of one guest must be from the same snapshot, each in one of the states named. */
export function requireSameCycle({ records, desired }: ApplyContext, disks: readonly DiskKey[], ready = ['clean']): void {
  const found = disks.map((disk) => records.get(disk));
  const isReady =
    found.every((record) => record !== undefined && ready.includes(record.state.kind)) &&
    new Set(found.map((record) => record?.cycle)).size === 1;
  if (isReady) return;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP2012',
      address: desired.address,
      detail: 'the disks are not all complete and from the same snapshot, so the guest cannot be finished',
      nextSteps: ['migplan plan: it brings all disks to the same snapshot first'],
    },
  ]);
}

const overlayMissing = ({ desired, records }: ApplyContext, disk: DiskKey, overlay: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP2017',
      address: `${desired.address}/disk/${disk}`,
      detail: `the overlay ${overlay} is not complete or not here`,
      nextSteps: mergingSteps(freshRequests([...records.values()]).once),
    },
  ]);
