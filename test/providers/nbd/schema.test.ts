import { expect, test } from 'vitest';
import { machineSchema } from '../../../src/providers/nbd/machine-schema.js';

test('schemas/ holds the schema of a machine file as it is in code', async () => {
  await expect(`${JSON.stringify(machineSchema, undefined, 2)}\n`).toMatchFileSnapshot('../../../schemas/machine.schema.json');
});
