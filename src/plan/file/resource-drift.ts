import type { DiagnosticCode } from '../../diag/catalog.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { PlannedEntry } from './planned-entry.js';
import { PROVIDER_NAME, type ResourceChange } from './resource-changes.js';

/** What a plan says of a VM that is not as it was left, or not as it is declared, in vCenter, Cinder and Nova. */
export const driftCodes: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
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

/** The same in Terraform's shape: what others changed, with what is known of it in words. */
export const resourceDrift = (entry: PlannedEntry): ResourceChange[] =>
  entry.diagnostics.filter(({ code }) => driftCodes.has(code)).map((diagnostic) => driftOfOne(entry, diagnostic));

const driftOfOne = ({ address, name }: PlannedEntry, { code, detail, address: of = address }: Diagnostic): ResourceChange => ({
  address: of,
  mode: 'managed',
  type: of.endsWith('/server') ? 'server' : 'disk',
  name,
  provider_name: PROVIDER_NAME,
  change: {
    actions: ['update'],
    before: {},
    after: { drift: detail },
    after_unknown: {},
    before_sensitive: {},
    after_sensitive: {},
  },
  action_reason: code,
});
