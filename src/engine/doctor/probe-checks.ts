import { systemClock } from '../../host/clock.js';
import { interruptible, isInterruption } from '../../host/interruption.js';
import { nothingKnown } from '../../model/machine-types/knowledge.js';
import type { Runtime } from '../../runtime.js';
import { rememberMachineType } from '../../state/machine-type-answers.js';
import { probeMachineTypes, typesToProbe } from '../probe-machine-types.js';
import type { AttemptOptions, AttemptReport } from './attempt.js';
import type { Check } from './check.js';
import { providersOf } from './providers-of.js';

export interface ProbeOptions extends AttemptOptions {
  /** Only this cloud. */
  readonly provider?: string;
  readonly types?: readonly string[];
  readonly flavor?: string;
  readonly volumeType?: string;
  readonly availabilityZone?: string;
}

/** Probes every cloud of the Project, one after the other, or the one that is named; an interruption reports nothing. */
export async function probeChecks(runtime: Runtime, { provider, ...options }: ProbeOptions): Promise<AttemptReport> {
  try {
    const checks: Check[] = [];
    for (const name of providersOf(runtime, 'openstack', provider)) {
      checks.push(...(await interruptible(options.signal, () => probeCloud(runtime, name, options))));
    }
    return { checks, isAborted: false, isHeld: false };
  } catch (error) {
    if (!isInterruption(error, options.signal)) throw error;
    return { checks: [], isAborted: true, isHeld: false };
  }
}

/** Probes one cloud and remembers what it answers, type by type, so that an interruption loses one answer at most. */
async function probeCloud(runtime: Runtime, name: string, options: Omit<ProbeOptions, 'provider'>): Promise<Check[]> {
  const target = await runtime.cloud(name);
  if (target === undefined) return [];
  const cloud = await target.identify();
  const state = await (await runtime.state()).prepare();
  const known = (await runtime.machineTypes([name])).get(name) ?? nothingKnown;
  const asked = runtime.loaded.migrations.filter((migration) => migration.target.provider === name);
  const { types: wanted, note, ...rest } = options;
  const types =
    wanted ??
    typesToProbe(
      known,
      asked.map(({ hwMachineType }) => hwMachineType),
    );
  const report = await probeMachineTypes({
    ...rest,
    target,
    types,
    onProbe: (type) => note(`${name}: booting a blank server ${type === undefined ? 'without a machine type' : `as ${type}`}`),
    onAnswer: (type, runs) =>
      rememberMachineType(state.machineTypes(cloud), cloud, { type, runs, at: systemClock.now().toISOString() }),
  });
  const rows = report.results.map(({ type, runs, why }): Check => {
    const said = runs === undefined ? `not known: ${why}` : runs ? 'runs' : `does not run (${why})`;
    return { name: `${name}: ${type}`, found: said, diagnostics: [] };
  });
  return report.diagnostics.length === 0
    ? rows
    : [...rows, { name: `${name}: machine types`, found: '', diagnostics: report.diagnostics }];
}
