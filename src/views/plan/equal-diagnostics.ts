import type { Diagnostic } from '../../diag/diagnostic.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';

/** What is said of several VMs in the same words. */
export interface EqualDiagnostics {
  /** As it is said of the first of them. */
  readonly first: Diagnostic;
  /** All of them, the first included, in the order of the plan. */
  readonly addresses: readonly string[];
}

/** Diagnostics of one severity; those that differ in nothing but whose VM it is are one. In order of their first VM. */
export function equalDiagnostics(entries: readonly PlannedEntry[], severity: Diagnostic['severity']): EqualDiagnostics[] {
  const groups = new Map<string, { first: Diagnostic; addresses: string[] }>();
  for (const entry of entries) {
    for (const diagnostic of entry.diagnostics) {
      if (diagnostic.severity !== severity) continue;
      const key = withoutOwner(entry, diagnostic);
      const address = diagnostic.address ?? entry.address;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { first: diagnostic, addresses: [address] });
      else group.addresses.push(address);
    }
  }
  return [...groups.values()];
}

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;

function withoutOwner({ name }: PlannedEntry, { code, detail, lines = [], nextSteps = [] }: Diagnostic): string {
  const own = new RegExp(`(?<![\\w-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g');
  const words = [detail, ...lines, '', ...nextSteps].map((text) => text.replace(own, '\0').replace(UUID, '\x01'));
  return [code, ...words].join('\n');
}

const NAMED_MAX = 5;

/** `vm/a, vm/b and 40 more`. */
export function named(names: readonly string[], max = NAMED_MAX): string {
  const more = names.length - max;
  return more > 0 ? `${names.slice(0, max).join(', ')} and ${more} more` : names.join(', ');
}
