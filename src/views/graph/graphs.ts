import type { DesiredMigration } from '../../model/desired.js';
import { formatSeconds } from '../../model/format.js';
import { own } from '../../model/own.js';
import type { MaintenanceWindow } from '../../model/window.js';
import { disksOf, isIrreversible } from '../../plan/core/action-table.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';
import { isBlocked } from '../../plan/file/summary.js';
import { startText } from '../action-words.js';

/** `wave`: label of the VM it belongs to. Ids are addresses, and stable. */
export interface GraphNode {
  readonly id: string;
  readonly kind: 'vm' | 'disk' | 'step' | 'window' | 'provider';
  readonly label: string;
  readonly wave?: string;
  /** Something in it cannot be undone, or it is blocked. */
  readonly state?: 'irreversible' | 'blocked' | 'unchanged';
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** has: a disk of a VM. next: the order of steps. writes: a step and its disks. when: a window. moves: from and to a provider. */
  readonly kind: 'has' | 'next' | 'writes' | 'when' | 'moves';
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

const joined = (graphs: readonly Graph[]): Graph => ({
  nodes: [...new Map(graphs.flatMap(({ nodes }) => nodes).map((node) => [node.id, node])).values()],
  edges: graphs.flatMap(({ edges }) => edges),
});

/** What the plan does to each VM, in its order. */
export const planGraph = ({ migrations }: PlanFile): Graph => joined(migrations.map(entryGraph));

function entryGraph(entry: PlannedEntry): Graph {
  const { address, name, phase, disks, actions, wave } = entry;
  const inWave = wave === undefined ? {} : { wave };
  const diskId = (disk: number): string => `${address}/disk/${disk}`;
  const stepId = (index: number): string => `${address}/step/${index + 1}`;
  const state = isBlocked(entry) ? { state: 'blocked' as const } : actions.length === 0 ? { state: 'unchanged' as const } : {};
  const steps = actions.map((action, index) => ({
    id: stepId(index),
    kind: 'step' as const,
    label: `${index + 1}. ${startText(address, action)
      .replace(/^[^:]*: /, '')
      .replace(/\.\.\.$/, '')}`,
    ...inWave,
    ...(isIrreversible(action) && { state: 'irreversible' as const }),
  }));
  return joined([
    {
      nodes: [
        { id: address, kind: 'vm', label: `${name} (${phase})`, ...inWave, ...state },
        ...disks.map((disk) => ({ id: diskId(disk), kind: 'disk' as const, label: `disk ${disk}`, ...inWave })),
        ...steps,
      ],
      edges: [
        ...disks.map((disk) => ({ from: address, to: diskId(disk), kind: 'has' as const })),
        ...actions.map((_, index) => ({
          from: index === 0 ? address : stepId(index - 1),
          to: stepId(index),
          kind: 'next' as const,
        })),
        ...actions.flatMap((action, index) =>
          disksOf(action).map((disk) => ({ from: stepId(index), to: diskId(disk), kind: 'writes' as const })),
        ),
      ],
    },
    windowGraph(address, entry.window),
  ]);
}

/** Where VMs come from and go to, as their manifests say. */
export const manifestGraph = (migrations: readonly DesiredMigration[]): Graph =>
  joined([...migrations].sort((a, b) => (a.address < b.address ? -1 : 1)).map(migrationGraph));

function migrationGraph({ address, name, phase, labels, source, target, window }: DesiredMigration): Graph {
  const wave = own(labels, 'wave');
  const provider = (of: string): GraphNode => ({ id: `provider/${of}`, kind: 'provider', label: of });
  return joined([
    {
      nodes: [
        { id: address, kind: 'vm', label: `${name} (${phase})`, ...(wave === undefined ? {} : { wave }) },
        provider(source.provider),
        provider(target.provider),
      ],
      edges: [
        { from: `provider/${source.provider}`, to: address, kind: 'moves' },
        { from: address, to: `provider/${target.provider}`, kind: 'moves' },
      ],
    },
    windowGraph(address, window),
  ]);
}

function windowGraph(address: string, window: MaintenanceWindow | undefined): Graph {
  if (window === undefined) return { nodes: [], edges: [] };
  const when =
    window.kind === 'once'
      ? `${window.start} to ${window.end}`
      : `${window.cron} (${window.timezone}), ${formatSeconds(window.durationSeconds)}`;
  const label = window.name === undefined ? when : `${window.name}: ${when}`;
  const id = `window/${label}`;
  return { nodes: [{ id, kind: 'window', label }], edges: [{ from: id, to: address, kind: 'when' }] };
}
