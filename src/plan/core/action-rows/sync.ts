import type { ApprovalKind } from '../../../model/approval-kinds.js';
import { formatChangeId } from '../../../model/change-id.js';
import type { ActionMap, DiskSync, FullSyncReason } from '../action.js';
import type { ActionRow } from '../action-row.js';
import type { DiskChange, Whose } from '../disk-change.js';
import { isAsThorough } from '../sync-rules.js';

export const sync: ActionRow<'sync'> = {
  disks: ({ disks }) => disks.map(({ disk }) => disk),
  volumes: 'changed',
  copies: ({ disks }) => disks,
  cutover: 'none',
  needs: 'transfer',
  uses: ['copy'],
  asks: ({ disks }) => [...new Set(disks.map(asksOfDisk))],
  allowedBy: ['sync'],
  fields: {
    kind: 'identity',
    stage: {
      why: 'a VM that went off meanwhile is read cold; one that runs is touched only when a live sync was reviewed',
      within: ({ stage }, reviewed) => stage === reviewed.stage || stage !== 'live',
    },
    cycle: { derived: 'the number after all that were ever used' },
    disks: 'each',
    verify: {
      why: 'doubts come and go with what is done already and with what others do; what they lead to does not',
      within: ({ verify }, reviewed) => isAsThorough(verify, reviewed.verify),
    },
  },
  change: changeOfSync,
};

/** Something is on the volume that is written over or compared as a whole. */
const asksForReseed: Readonly<Record<FullSyncReason, boolean>> = {
  'new-volume': false,
  'interrupted-full': false,
  reseed: true,
  adopt: true,
  'source-changed': true,
};

function asksOfDisk(disk: DiskSync): ApprovalKind {
  if (disk.mode === 'delta') return 'sync';
  return asksForReseed[disk.reason] ? 'reseed' : 'seed';
}

function changeOfSync({ disks }: ActionMap['sync'], whose: Whose): DiskChange {
  const own = whose === 'as-all-before' ? disks : disks.filter(({ disk }) => disk === whose);
  const delta = own.find(({ mode }) => mode === 'delta');
  const since =
    delta?.mode === 'delta' && delta.since !== 'live-sync' ? { before: { changeID: formatChangeId(delta.since) } } : {};
  return { reason: reasonOfSync(own[0]), ...since, unknown: { changeID: true } };
}

function reasonOfSync(first: DiskSync | undefined): DiskChange['reason'] {
  if (first?.mode !== 'full') return 'sync_behind';
  if (first.reason === 'adopt') return 'adoption_requested';
  if (first.repair === true) return 'repair_requested';
  return first.reason === 'reseed' ? 'reseed_requested' : 'seed_incomplete';
}
