import { expect } from 'vitest';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { type MigrationPlan, planMigration } from '../../src/plan/plan-migration.js';
import { loadFiles, projectText } from '../manifest/in-folder.js';
import { brief } from '../plan/brief.js';
import * as s from '../plan/plan-fixture.js';
import { isInstance, type Trial } from './tried.js';

/** Fields of spec as a manifest has them. */
export type Spec = Readonly<Record<string, unknown>>;

export interface PlanTrial {
  readonly advice: string;
  /** The manifest that gets the advice, over phase sync of a VM with one disk; and the fields that the advice says to write. */
  readonly spec?: Spec;
  readonly write?: Spec;
  /** What stands in the world, over a clean volume; and how it is when the advice was followed there. */
  readonly seen?: Partial<ObservedMigration>;
  readonly done?: Partial<ObservedMigration>;
  /** A field that the advice says to write at the target's provider; `done` is what it makes of the world. */
  readonly provider?: Spec;
  /** What the plan is afterwards, in short lines. */
  readonly leads: RegExp;
}

const usual = {
  source: { provider: 'vc', vm: '/DC1/vm/erp-db01' },
  target: { provider: 'cloud', volumeType: 'ssd' },
  phase: 'sync',
};

/** As a file is read, not as a test would like it: a field that does not exist fails here. */
export async function desiredOf(spec: Spec, provider: Spec): Promise<DesiredMigration> {
  const fields = Object.entries({ ...usual, ...spec }).filter(([, value]) => value !== undefined);
  const manifest = {
    apiVersion: 'migplan.dev/v1alpha1',
    kind: 'Migration',
    metadata: { name: 'erp-db01' },
    spec: Object.fromEntries(fields),
  };
  const over = JSON.stringify({ type: 'openstack', access: { type: 'cinder' }, ...provider });
  const project = projectText(`    old: {type: openstack, cloud: old, access: {type: cinder}}`).replace(
    /^ {4}cloud: .*$/m,
    `    cloud: ${over}`,
  );
  const { diagnostics, migrations } = await loadFiles({ 'migplan.yaml': project, 'manifests/vm.yaml': JSON.stringify(manifest) });
  expect(diagnostics.map(({ detail }) => detail)).toEqual([]);
  return migrations[0]!;
}

const steps = ({ diagnostics }: { diagnostics: readonly Diagnostic[] }): string[] =>
  diagnostics.flatMap(({ nextSteps = [] }) => [...nextSteps]);

export const planTrial = (trial: PlanTrial): Trial => ({
  advice: trial.advice,
  run: async () => {
    const { advice, spec = {}, write = {}, seen = {}, done = {}, provider = {}, leads } = trial;
    expect(
      [write, done, provider].some((change) => Object.keys(change).length > 0),
      'something is done',
    ).toBe(true);
    const plan = async (fields: Spec, world: Partial<ObservedMigration>, access: Spec = {}): Promise<MigrationPlan> =>
      planMigration(await desiredOf(fields, access), s.observed(world), { now: s.NOW });
    const before = await plan(spec, seen);
    expect(
      steps(before).filter((step) => isInstance(step, advice)),
      steps(before).join('\n'),
    ).not.toEqual([]);
    const after = await plan({ ...spec, ...write }, { ...seen, ...done }, provider);
    expect(steps(after).filter((step) => isInstance(step, advice))).toEqual([]);
    expect(
      after.diagnostics.filter(({ severity }) => severity === 'error').map(({ code, detail }) => `${code} ${detail}`),
    ).toEqual([]);
    expect(brief(after).join('; ')).toMatch(leads);
  },
});
