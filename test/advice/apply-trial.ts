import { expect } from 'vitest';
import type { MigrationOutcome } from '../../src/apply/migration-outcome.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { told, Workshop } from '../apply/workshop.js';
import { desiredOf, type Spec } from './plan-trial.js';
import { isInstance, type Trial } from './tried.js';

/** What the fields of a manifest say, as they are read: a field that does not exist fails. Who the VM is, the workshop says. */
async function fieldsOf(spec: Spec): Promise<Partial<DesiredMigration>> {
  const {
    name: _,
    address: __,
    source: ___,
    file: ____,
    verify: _____,
    ...fields
  } = await desiredOf({ sync: { maxAge: '0s' }, ...spec }, {});
  return fields;
}

export interface ApplyTrial {
  readonly advice: string;
  /** Fields of the manifest. */
  readonly spec: Spec;
  /** Before the apply that gives the advice. */
  readonly before: (shop: Workshop) => void | Promise<void>;
  /** What is done in the world on the advice, and what is written. */
  readonly meanwhile?: (shop: Workshop) => void;
  readonly write?: Spec;
  /** `same`: the plan that was refused is applied once more. */
  readonly plan: 'same' | 'new';
  /** What the volume is afterwards. */
  readonly leads: string;
}

const steps = (outcomes: readonly MigrationOutcome[]): string[] =>
  outcomes.flatMap(({ diagnostics }) => diagnostics.flatMap(({ nextSteps = [] }) => [...nextSteps]));

export const applyTrial = (trial: ApplyTrial): Trial => ({
  advice: trial.advice,
  run: async () => {
    const { advice, spec, before, meanwhile, write, plan: which, leads } = trial;
    const shop = await Workshop.open();
    shop.add('a', await fieldsOf(spec));
    await before(shop);
    const plan = await shop.plan();
    const refused = await shop.apply(plan);
    expect(
      steps(refused).filter((step) => isInstance(step, advice)),
      told(refused).join(),
    ).not.toEqual([]);
    meanwhile?.(shop);
    if (write !== undefined) shop.change('a', await fieldsOf({ ...spec, ...write }));
    expect(told(await shop.apply(which === 'same' ? plan : await shop.plan()))).toEqual(['vm/a done']);
    expect(shop.states('a')).toEqual([leads]);
  },
});
