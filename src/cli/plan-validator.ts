import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { invariant } from '../diag/diagnostic.js';

/** Whether a value has the shape of a saved plan, by the published schema. What is shipped has it compiled before: scripts/build.mjs. */
export const fitsPlan = new Ajv().compile(JSON.parse(readFileSync(schemaPath(), 'utf8')) as object);

/** Beside dist/ where the code is compiled, beside src/ where it is not. */
function schemaPath(): string {
  const paths = ['../../../schemas', '../../schemas'].map((folder) =>
    fileURLToPath(new URL(`${folder}/plan.schema.json`, import.meta.url)),
  );
  const found = paths.find((path) => existsSync(path));
  invariant(found !== undefined, `the schema of plans is not at ${paths.join(' or ')}`);
  return found;
}
