import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration, VmSelector, WantedServer } from '../../model/desired.js';
import { parseReseed } from '../../model/reseed.js';
import type { MaintenanceWindow } from '../../model/window.js';
import type { Located, LocatedDocument } from '../base/located.js';
import { nearest } from '../base/nearest.js';
import { problem, quoted } from '../base/problem.js';
import { rangesOf } from '../base/ranges.js';
import { checkShape } from '../explain/check-shape.js';
import type { ProjectScope } from '../project/project-scope.js';
import { readWindow } from '../project/window-field.js';
import { parseDuration, parseSize } from '../schema/forms.js';
import type { ResolvedMigration, ResolvedSpec } from '../schema/migration-shape.js';
import { syncMaxAgeDefault } from '../schema/sync-defaults.js';
import { mergeDefaults } from './merged-migration.js';
import { readSwitches } from './phase.js';
import { specProblems } from './spec-problems.js';

export interface MigrationParseResult {
  /** Absent when anything is wrong with it, or with the defaults it needs. */
  readonly desired?: DesiredMigration;
  readonly diagnostics: readonly Diagnostic[];
}

/** A Migration document whose own shape is right, completed with the Project's defaults. `value` is its content. */
export function toDesired(document: LocatedDocument, value: unknown, scope: ProjectScope): MigrationParseResult {
  const merged = mergeDefaults(document, value, scope);
  const missing = scope.usable ? checkShape('resolved', merged.value, merged) : [];
  if (!scope.usable || missing.length > 0) return { diagnostics: missing };
  const migration = merged.value as ResolvedMigration;
  const window = windowOf(migration.spec, merged, scope);
  const diagnostics = [...specProblems(migration.spec, merged, scope), ...window.diagnostics];
  const reading = readSwitches(migration.spec);
  if (diagnostics.length > 0 || window.unknown || reading.kind !== 'goal') return { diagnostics };
  const { name, labels } = migration.metadata;
  return {
    diagnostics,
    desired: {
      name,
      address: `vm/${name}`,
      labels: labels ?? {},
      source: sourceOf(migration.spec.source),
      target: targetOf(name, migration.spec.target),
      ...reading.goal,
      // A rehearsal goes as far as a copy and no further.
      cutover: reading.goal.cutover && migration.spec.source.rehearsal !== true,
      ...settingsOf(migration.spec),
      ...(window.window && { window: window.window }),
      file: document.file,
      ranges: rangesOf(merged.value, merged),
    },
  };
}

const sourceOf = (source: ResolvedSpec['source']): DesiredMigration['source'] => ({
  provider: source.provider,
  vm: selectorOf(source),
  ...(source.rehearsal === true && { rehearsal: true }),
});

function selectorOf({ vm, instanceUuid, moref, server }: ResolvedSpec['source']): VmSelector {
  if (server !== undefined) return { kind: 'server', server };
  if (vm !== undefined) return { kind: 'path', path: vm };
  if (instanceUuid !== undefined) return { kind: 'instanceUuid', instanceUuid: instanceUuid.toLowerCase() };
  return { kind: 'moref', moref: moref! };
}

function targetOf(name: string, target: ResolvedSpec['target']): DesiredMigration['target'] {
  const { provider, volumeType, availabilityZone, server, mapping, imageMetadata, hardware } = target;
  return {
    provider,
    ...(volumeType !== undefined && { volumeType }),
    ...(availabilityZone !== undefined && { availabilityZone }),
    ...(server !== undefined && { server: serverOf(name, server) }),
    ...(mapping !== undefined && {
      mapping: {
        flavors: mapping.flavors ?? {},
        networks: mapping.networks ?? {},
        keyPairs: mapping.keyPairs ?? {},
        securityGroups: mapping.securityGroups ?? {},
      },
    }),
    ...(hardware !== undefined && { hardware }),
    ...(imageMetadata !== undefined && { imageMetadata }),
  };
}

function serverOf(migration: string, server: NonNullable<ResolvedSpec['target']['server']>): WantedServer {
  return {
    name: server.name ?? migration,
    ...(server.flavor !== undefined && { flavor: server.flavor }),
    ...(server.availabilityZone !== undefined && { availabilityZone: server.availabilityZone }),
    ...(server.networks !== undefined && {
      networks: server.networks.map((port) => {
        if (port === 'skip') return port;
        return typeof port === 'string' ? { network: port, mac: 'keep' } : { ...port, mac: port.mac ?? 'keep' };
      }),
    }),
    ...(server.securityGroups !== undefined && { securityGroups: server.securityGroups }),
    ...(server.keyName !== undefined && { keyName: server.keyName }),
    ...(server.description !== undefined && { description: server.description }),
    ...(server.metadata !== undefined && { metadata: server.metadata }),
    ...(server.tags !== undefined && { tags: server.tags }),
  };
}

type Settings = Pick<
  DesiredMigration,
  | 'hwMachineType'
  | 'bootDisk'
  | 'guestFamily'
  | 'limits'
  | 'shutdown'
  | 'reseed'
  | 'adopt'
  | 'finalSync'
  | 'verify'
  | 'syncMaxAgeSeconds'
>;

function settingsOf({
  hwMachineType,
  bootDisk,
  guestFamily,
  limits,
  shutdown,
  reseed,
  adopt,
  finalSync,
  verify,
  sync,
}: ResolvedSpec): Settings {
  const asked = parseReseed(reseed ?? 'never');
  return {
    hwMachineType: hwMachineType ?? 'preserve',
    ...(bootDisk !== undefined && { bootDisk }),
    ...(guestFamily !== undefined && { guestFamily }),
    limits: {
      ...(limits?.delta !== undefined && { deltaBytes: parseSize(limits.delta) }),
      ...(limits?.adoption !== undefined && { adoptionBytes: parseSize(limits.adoption) }),
      ...(limits?.downtime !== undefined && { downtimeSeconds: parseDuration(limits.downtime) }),
    },
    shutdown: { timeoutSeconds: parseDuration(shutdown?.timeout ?? '10m'), force: shutdown?.force ?? false },
    ...(asked !== undefined && { reseed: asked }),
    ...(adopt === true && { adopt }),
    finalSync: finalSync ?? 'run',
    verify: verify ?? 'sample',
    syncMaxAgeSeconds: parseDuration(sync?.maxAge ?? syncMaxAgeDefault),
  };
}

interface WindowParseResult {
  readonly window?: MaintenanceWindow;
  /** A window is asked for and it is wrong in the Project, where that is told. Without it the VM must not be touched. */
  readonly unknown: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

function windowOf({ window }: ResolvedSpec, located: Located, { windows }: ProjectScope): WindowParseResult {
  const path = ['spec', 'window'];
  if (window === undefined) return { unknown: false, diagnostics: [] };
  if (typeof window !== 'string') {
    const reading = readWindow(window, { located, path });
    return 'window' in reading
      ? { ...reading, unknown: false, diagnostics: [] }
      : { unknown: true, diagnostics: reading.problems };
  }
  const named = windows?.get(window);
  if (named !== undefined) return { window: named, unknown: false, diagnostics: [] };
  if (windows === undefined || windows.has(window)) return { unknown: true, diagnostics: [] };
  const known = [...windows.keys()];
  const meant = nearest(window, known);
  const nextSteps = [
    ...(meant ? [`Did you mean ${meant}? Write: window: ${meant}`] : []),
    known.length > 0
      ? `Windows of the Project: ${known.join(', ')}`
      : 'Add it to spec.windows of the Project, or write start and end here',
  ];
  const detail = `window is ${quoted(window)}, and the Project has no such window`;
  return { unknown: true, diagnostics: [problem('MP1005', located.rangeOf(path), { detail, nextSteps })] };
}
