import { diff } from 'json-diff';
import { formatChangeId } from '../../model/change-id.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedVm } from '../../model/observed-source.js';
import type { ObservedVolume } from '../../model/observed-target.js';
import { own } from '../../model/own.js';
import type { RecordParseResult } from '../../model/sync-record.js';
import { ownedImageKeys } from '../core/image-metadata.js';

/**
 * What a plan was decided on, one value a fact: what apply compares before it begins. Left out is all that moves by itself
 * (the change id number of a running VM, used space, times, host, tools heartbeat). Power counts at cutover only.
 */
export type Facts = Readonly<Record<string, string>>;

export function factsOf(desired: DesiredMigration, observed: ObservedMigration): Facts {
  const { source } = observed;
  if (source.kind !== 'found') return { source: source.kind };
  const { vm } = source;
  return {
    'vm.instanceUuid': vm.instanceUuid,
    'vm.firmware': `${vm.firmware}${vm.secureBoot ? '+secure' : ''}`,
    'vm.cbt': vm.cbt.enabled ? 'enabled' : 'disabled',
    'vm.guest': vm.guest.family,
    ...(vm.bootDisk === undefined ? {} : { 'vm.bootDisk': String(vm.bootDisk) }),
    ...(desired.cutover && desired.target.server !== undefined ? { 'vm.macs': vm.nics.map(({ mac }) => mac).join(' ') } : {}),
    ...(desired.cutover ? { 'vm.power': vm.power } : {}),
    ...(vm.obstacles.length === 0 ? {} : { 'vm.obstacles': vm.obstacles.join('; ') }),
    ...(observed.server === undefined ? {} : { server: `${observed.server.id} ${observed.server.status}` }),
    ...diskFacts(vm),
    ...volumeFacts(desired, observed),
  };
}

function diskFacts(vm: ObservedVm): Facts {
  return Object.fromEntries(
    vm.disks.flatMap(({ key, uuid, capacity, changeId, inSnapshots }) => [
      [`disk/${key}.uuid`, uuid],
      [`disk/${key}.capacity`, String(capacity)],
      [`disk/${key}.epoch`, changeId?.epoch ?? 'none'],
      ...(inSnapshots ? [] : [[`disk/${key}.mode`, 'independent']]),
    ]),
  );
}

function volumeFacts(desired: DesiredMigration, { volumes, local }: ObservedMigration): Facts {
  const ours = new Set<string>(local.ownAttachments);
  const imageKeys = [...new Set([...ownedImageKeys, ...Object.keys(desired.target.imageMetadata ?? {})])];
  return Object.fromEntries(
    Object.entries(volumes).flatMap(([key, found]) =>
      found.length === 0
        ? [[`disk/${key}.volume`, 'none']]
        : found.flatMap((volume) => oneVolume(`disk/${key}`, volume, { ours, imageKeys })),
    ),
  );
}

function oneVolume(
  prefix: string,
  volume: ObservedVolume,
  { ours, imageKeys }: { readonly ours: ReadonlySet<string>; readonly imageKeys: readonly string[] },
): [string, string][] {
  const held = volume.attachments.filter(({ id }) => !ours.has(id)).map(({ id, server }) => server ?? id);
  return [
    [`${prefix}.volume`, volume.id],
    [`${prefix}.size`, String(volume.size)],
    [`${prefix}.record`, recordText(volume.reading)],
    ...(held.length === 0 ? [] : [[`${prefix}.heldBy`, held.sort().join(' ')] as [string, string]]),
    ...(volume.status.startsWith('error') ? [[`${prefix}.status`, volume.status] as [string, string]] : []),
    ...imageKeys
      .filter((key) => Object.hasOwn(volume.imageMetadata, key))
      .map((key): [string, string] => [`${prefix}.${key}`, own(volume.imageMetadata, key)!]),
  ];
}

function recordText(reading: RecordParseResult): string {
  if (reading.kind === 'foreign') return `of ${reading.tool}${reading.converted ? ', converted' : ''}`;
  if (reading.kind !== 'record') return reading.kind;
  const { state } = reading.record;
  switch (state.kind) {
    case 'dirty':
      return `dirty since ${state.base === undefined ? 'nothing' : formatChangeId(state.base)}`;
    case 'clean':
      return `clean at ${state.at === undefined ? 'an untracked point' : formatChangeId(state.at)}`;
    default:
      return state.kind;
  }
}

export interface ChangedFact {
  readonly name: string;
  readonly before: string | undefined;
  readonly now: string | undefined;
}

/** Every fact that is not as it was, by name. */
export function changedFacts(before: Facts, now: Facts): ChangedFact[] {
  const names = Object.keys(diff(before, now) ?? {}).map((key) => key.replace(/__(added|deleted)$/, ''));
  return names.sort().map((name) => ({ name, before: own(before, name), now: own(now, name) }));
}

/** These move by themselves or by what an apply does; where they matter, a check of their own looks at them. */
const MOVING = /^vm\.(cbt|guest|obstacles|power)$|\.epoch$/;

/** What somebody changed of the VM itself since it was observed as `before`: what is under way would leave that behind. */
export function changedVm(desired: DesiredMigration, observed: ObservedMigration, before: ObservedVm): ChangedFact[] {
  const then = { ...observed, source: { kind: 'found', vm: before } } as const;
  return changedFacts(factsOf(desired, then), factsOf(desired, observed)).filter(({ name }) => !MOVING.test(name));
}
