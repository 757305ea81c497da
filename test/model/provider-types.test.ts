import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { providerTypes } from '../../src/model/provider-types.js';

interface PlanSchema {
  readonly properties: {
    readonly targets: { readonly items: { readonly properties: { readonly kind: { readonly enum: string[] } } } };
  };
}

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/plan.schema.json'), 'utf8')) as PlanSchema;

test('the schema of plans knows every type: a plan for one that it does not know would be saved, and never applied', () => {
  expect(schema.properties.targets.items.properties.kind.enum.toSorted()).toEqual(Object.keys(providerTypes).toSorted());
});
