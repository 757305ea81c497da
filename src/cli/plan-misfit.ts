import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { invariant } from '../diag/diagnostic.js';
import type { Misfit } from '../plan/decode-plan-file.js';

/** Tells by the published schema what of a plan is missing, unknown or of another type. */
export function planMisfit(): Misfit {
  const fits = new Ajv().compile(JSON.parse(readFileSync(schemaPath(), 'utf8')) as object);
  return (value) => {
    if (fits(value)) return undefined;
    // Of alternatives, the one that came furthest is the one that was meant.
    const [nearest] = (fits.errors ?? []).toSorted((a, b) => b.instancePath.length - a.instancePath.length);
    invariant(nearest !== undefined, 'a plan does not fit its schema without a reason');
    return `its ${nearest.instancePath.slice(1) || 'content'} ${nearest.message}`;
  };
}

/** Beside dist/ in the package, beside src/ in the repository. */
function schemaPath(): string {
  const paths = ['../../../schemas', '../../schemas'].map((folder) =>
    fileURLToPath(new URL(`${folder}/plan.schema.json`, import.meta.url)),
  );
  const found = paths.find((path) => existsSync(path));
  invariant(found !== undefined, `the schema of plans is not at ${paths.join(' or ')}`);
  return found;
}
