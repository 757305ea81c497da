import type { TargetCatalog } from '../../model/observed-target.js';
import type { MigrationPlan } from '../plan-migration.js';

/** What a project has a limit for. By volume type: `new volumes of type ssd`. */
export type Resources = ReadonlyMap<string, number>;

type Catalog = Pick<TargetCatalog, 'quota' | 'flavorSizes' | 'volumeTypeTraits'>;

/** What the actions of one migration take from the project. A server that replaces one in ERROR takes its place. */
export function resourcesOf({ actions }: MigrationPlan, { flavorSizes = [], volumeTypeTraits = [] }: Catalog): Resources {
  const sum = new Map<string, number>();
  const add = (what: string, amount: number): void => {
    sum.set(what, (sum.get(what) ?? 0) + amount);
  };
  const defaultType = volumeTypeTraits.find(({ isDefault }) => isDefault)?.name;
  for (const action of actions) {
    if (action.kind === 'create-volume') {
      add('new volumes', 1);
      add('GiB of volumes', action.sizeGiB);
      const type = volumeTypeTraits.find(({ id }) => id === action.type)?.name ?? action.type ?? defaultType;
      if (type === undefined) continue;
      add(`new volumes of type ${type}`, 1);
      add(`GiB of volumes of type ${type}`, action.sizeGiB);
    }
    if (action.kind === 'create-server' && action.replaces === undefined) {
      add('servers', 1);
      add('ports', action.nics.length);
      const { flavor } = action.server;
      const size = flavorSizes.find(({ id }) => id === flavor) ?? flavorSizes.find(({ name }) => name === flavor);
      if (size === undefined) continue;
      add('vCPUs', size.cpus);
      add('MiB of memory', size.memoryMiB);
    }
  }
  return sum;
}

/** What is left of each, as far as the cloud said. */
export function roomIn({ quota }: Pick<Catalog, 'quota'>): Resources {
  const left: [string, number | undefined][] = [
    ['new volumes', quota.volumesLeft],
    ['GiB of volumes', quota.gigabytesLeft],
    ['new snapshots', quota.snapshotsLeft],
    ...byType('new volumes', quota.volumesLeftByType),
    ...byType('GiB of volumes', quota.gigabytesLeftByType),
    ...byType('new snapshots', quota.snapshotsLeftByType),
    ['servers', quota.instancesLeft],
    ['ports', quota.portsLeft],
    ['vCPUs', quota.coresLeft],
    ['MiB of memory', quota.ramMiBLeft],
  ];
  return new Map(left.flatMap(([what, room]) => (room === undefined ? [] : [[what, Math.max(0, room)]])));
}

const byType = (what: string, rooms: Readonly<Record<string, number>> = {}): [string, number][] =>
  Object.entries(rooms).map(([type, room]) => [`${what} of type ${type}`, room]);

export function plus(a: Resources, b: Resources): Resources {
  const sum = new Map(a);
  for (const [what, amount] of b) sum.set(what, (sum.get(what) ?? 0) + amount);
  return sum;
}
