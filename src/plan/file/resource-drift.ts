import type { DiagnosticCode } from '../../diag/catalog.js';
import type { Diagnostic, Differs } from '../../diag/diagnostic.js';
import type { PlannedEntry } from './planned-entry.js';
import { PROVIDER_NAME, type ResourceChange } from './resource-changes.js';

/** What builds before this one told as drift, in words only; a plan that was saved by one is still read. */
const formerCodes: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  // The source: gone, replaced, resized, its tracking begun anew, running again after the cutover.
  'MP2003',
  'MP2006',
  'MP2007',
  'MP2008',
  'MP2023',
  // The target: type of a volume, machine type of a converted one, the server.
  'MP2026',
  'MP2066',
  'MP2081',
  'MP2086',
]);

/** Whether it says of a VM that it is not as it was left, or not as it is declared, in vCenter, Cinder and Nova. */
export const isDrift = ({ differs, code }: Diagnostic): boolean => differs !== undefined || formerCodes.has(code);

/** The same in Terraform's shape: values as they were left or are declared, and as they are. */
export const resourceDrift = (entry: PlannedEntry): ResourceChange[] =>
  entry.diagnostics.filter(isDrift).map((diagnostic) => driftOfOne(entry, diagnostic));

const driftOfOne = ({ address, name }: PlannedEntry, told: Diagnostic): ResourceChange => {
  const { code, detail, address: of = address } = told;
  const { before, after }: Differs = told.differs ?? { before: {}, after: { drift: detail } };
  return {
    address: of,
    mode: 'managed',
    type: of.endsWith('/server') ? 'server' : 'disk',
    name,
    provider_name: PROVIDER_NAME,
    change: {
      actions: [after === null ? 'delete' : 'update'],
      before,
      after,
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: {},
    },
    action_reason: code,
  };
};
