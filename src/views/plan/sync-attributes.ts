import { shortChangeId } from '../../model/change-id.js';
import { formatBytes } from '../../model/format.js';
import type { ActionMap, DiskSync } from '../../plan/core/action.js';
import { verificationText } from '../../plan/sync/verification.js';
import type { Attribute } from './change-symbol.js';

const REASONS = {
  'new-volume': 'full seed',
  'interrupted-full': 'full seed, continued',
  reseed: 'full seed AGAIN, replacing the content of the volume',
  adopt: 'taken over',
  'source-changed': 'full seed AGAIN, because the source has changed since it was copied',
} as const;

/** What is copied of one disk, from where on, and how it is read back. */
export function syncAttributes(sync: DiskSync, { stage, verify }: ActionMap['sync']): Attribute[] {
  const value = verificationText(verify, sync);
  return [...dataAttributes(sync, stage), { symbol: verify.mode === 'off' ? '!' : ' ', name: 'verify', value }];
}

function repairText(sync: Extract<DiskSync, { mode: 'full' }>): string {
  const { capacity, partial, reason } = sync;
  const begun =
    partial === undefined ? '' : ` continued from ${formatBytes(partial.upTo)} on, and what changed before it copied;`;
  const left = formatBytes(capacity - (partial?.upTo ?? 0));
  const [whose, writes] =
    reason === 'adopt' ? [`${adoptedText(sync)}: `, `, writes ${left} at most${limitText(sync)}`] : ['', ''];
  return `${whose}compared in full with the source,${begun} only what differs is written (reads ${left} on each side${writes})`;
}

const FOUND_BY = {
  name: 'found by its name',
  notes: 'found by the VM and disk in its metadata',
} as const;

const adoptedText = ({ begunBy }: Extract<DiskSync, { mode: 'full' }>): string =>
  begunBy === undefined ? 'adopted' : `adopted from ${begunBy.tool} (${FOUND_BY[begunBy.foundBy]})`;

const limitText = ({ limitBytes }: DiskSync): string => (limitBytes === undefined ? '' : `, limit ${formatBytes(limitBytes)}`);

function fullSeedText({ reason, partial }: Extract<DiskSync, { mode: 'full' }>): string {
  if (reason === 'interrupted-full' && partial === undefined) return 'full seed, from the start';
  return reason === 'reseed' && partial !== undefined ? 'full seed AGAIN, continued' : REASONS[reason];
}

function dataAttributes(sync: DiskSync, stage: 'live' | 'final' | 'cold'): Attribute[] {
  const unknown = '(known after apply)';
  if (sync.mode === 'full' && sync.repair === true) {
    return [
      { symbol: '~', name: 'data', value: repairText(sync) },
      {
        symbol: '+',
        name: 'changeID',
        value: sync.begunBy === undefined ? unknown : '(known after apply; not the one of the other tool)',
      },
    ];
  }
  if (sync.mode === 'full') {
    const size = sync.forecast.confidence === 'unknown' ? '' : `, up to ${formatBytes(sync.forecast.bytes)}`;
    const from = sync.partial === undefined ? '' : ` from ${formatBytes(sync.partial.upTo)} on, and what changed before it`;
    return [
      {
        symbol: sync.reason === 'reseed' || sync.reason === 'source-changed' ? '!' : '+',
        name: 'data',
        value: `${fullSeedText(sync)}${from}${size}`,
      },
      { symbol: '+', name: 'changeID', value: unknown },
    ];
  }
  const name = stage === 'final' ? 'final delta' : 'delta';
  const limit = sync.limitBytes === undefined ? '' : ` (limit ${formatBytes(sync.limitBytes)})`;
  const size =
    sync.forecast.confidence === 'unknown' ? 'size known once a snapshot is taken' : `about ${formatBytes(sync.forecast.bytes)}`;
  if (sync.since === 'live-sync')
    return [{ symbol: '~', name: 'data', value: `${name} of what the guest wrote since, until it was off${limit}` }];
  const since = shortChangeId(sync.since);
  return [
    { symbol: '~', name: 'data', value: `${name} from changeID ${since}, ${size}${limit}` },
    { symbol: '~', name: 'changeID', value: `"${since}" -> ${unknown}` },
  ];
}
