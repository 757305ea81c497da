import { shortChangeId } from '../../src/model/change-id.js';
import type { Action, DiskSync } from '../../src/plan/core/action.js';
import type { MigrationPlan } from '../../src/plan/plan-migration.js';

/** A plan in short readable lines: what a row of a table expects. */
export const brief = ({ actions, diagnostics, notes }: MigrationPlan): string[] => [
  ...diagnostics.map(({ severity, code, address }) => `${severity} ${code} ${address}`),
  ...actions.map(briefAction),
  ...notes.map((note) => `note ${note}`),
];

function briefAction(action: Action): string {
  switch (action.kind) {
    case 'sync':
      return `sync ${action.stage} #${action.cycle}: ${action.disks.map(briefSync).join(', ')}`;
    case 'create-volume':
      return `create-volume ${action.disk} ${action.sizeGiB} GiB${action.type === undefined ? '' : ` ${action.type}`}${Object.entries(action.metadata ?? {}).map(([key, value]) => ` ${key}=${value}`)}`;
    case 'set-image-metadata':
      return `set-image-metadata ${[...Object.entries(action.set).map(([key, value]) => `${key}=${value}`), ...action.unset.map((key) => `-${key}`), ...(action.bootable ? ['bootable'] : []), ...(action.notBootable === true ? ['not bootable'] : [])].join(' ')}`;
    case 'create-server':
      return `create-server ${action.server.flavor} disks ${action.disks.join(',')} nics ${action.nics.map(({ mac }) => mac ?? 'new').join(',')}`;
    case 'power-off':
      return `power-off${action.force ? ' force' : ''}`;
    case 'release-attachment':
      return `release-attachment ${action.attachment}`;
    case 'release-snapshot':
      return `release-snapshot ${action.snapshot}`;
    case 'discard-overlays':
      return `discard-overlays ${action.runs.join(',')}`;
    case 'commit-conversion':
    case 'mark-converted':
      return `${action.kind} ${action.run}`;
    default:
      return action.kind;
  }
}

function briefSync(sync: DiskSync): string {
  const partial = sync.partial === undefined ? '' : ` from ${sync.partial.upTo}`;
  if (sync.mode === 'full') return `${sync.repair === true ? 'compare' : 'full'} ${sync.reason}${partial}`;
  return `delta since ${sync.since === 'live-sync' ? 'live' : shortChangeId(sync.since)}${partial}`;
}
