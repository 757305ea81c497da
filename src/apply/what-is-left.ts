import { isProviderError } from '../contracts/provider-error.js';
import { isInterruption } from '../host/interruption.js';
import type { VolumeId } from '../model/ids.js';
import type { LeftVm } from '../model/left.js';
import type { ObservedMigration } from '../model/observed.js';
import type { ObservedVm } from '../model/observed-source.js';
import type { ObservedVolume } from '../model/observed-target.js';
import type { Action } from '../plan/core/action.js';
import { powersOff } from '../plan/core/action-table.js';
import { thingsOf } from '../plan/core/things-of.js';
import { noteIn } from '../state/journal.js';
import { decodeRecord } from '../state/sync-record-codec.js';
import type { ApplyContext } from './handler.js';

interface Done {
  readonly observed: ObservedMigration;
  readonly actions: readonly Action[];
}

/**
 * The VM as this run leaves it: the source as it was when the run began, but for what was done to it; each volume as the cloud tells it
 * now. undefined: it cannot be read, for which nothing fails, since all is done; an older one would be wrong.
 */
export async function whatIsLeft(done: Done, context: ApplyContext, plan: string): Promise<LeftVm | undefined> {
  const { desired, run, clock, journal } = context;
  try {
    const things = thingsOf(desired.address, await observedAfter(done, context));
    return things && { run, plan, at: clock.now().toISOString(), things };
  } catch (error) {
    if (!isProviderError(error) && !isInterruption(error)) throw error;
    await noteIn(journal, 'left-unknown', { address: desired.address });
    return undefined;
  }
}

async function observedAfter({ observed, actions }: Done, context: ApplyContext): Promise<ObservedMigration> {
  const { vm, made, volumes } = context;
  const read = [...volumes].map(async ([disk, id]) => [String(disk), await volumeNow(id, context)] as const);
  const { server = observed.server } = made;
  return {
    ...observed,
    source: { kind: 'found', vm: vmAfter(vm, actions) },
    volumes: Object.fromEntries(await Promise.all(read)),
    ...(server === undefined ? {} : { server }),
    catalog: catalogAfter(observed, made),
  };
}

const vmAfter = (vm: ObservedVm, actions: readonly Action[]): ObservedVm =>
  actions.some(powersOff) ? { ...vm, power: 'off' } : vm;

async function volumeNow(id: VolumeId, { target }: ApplyContext): Promise<ObservedVolume[]> {
  const volume = await target.readVolume(id);
  if (volume === undefined) return [];
  const { metadata, ...told } = volume;
  return [{ ...told, reading: decodeRecord(metadata) }];
}

/** A server that was just made has ports that the look before it has not. */
function catalogAfter({ catalog }: ObservedMigration, { server }: ApplyContext['made']): ObservedMigration['catalog'] {
  if (server === undefined) return catalog;
  const { ports: _, ...rest } = catalog;
  return server.ports === undefined ? rest : { ...rest, ports: server.ports };
}
