import type { Diagnostic } from '../../diag/diagnostic.js';

/** By file (in the order given), then by place; what is said in the same words of the same place is said once. */
export function inOrder(diagnostics: readonly Diagnostic[], files: readonly string[]): Diagnostic[] {
  const rank = new Map(files.map((file, i) => [file, i]));
  const rankOf = ({ source }: Diagnostic): number => (source === undefined ? -1 : (rank.get(source.file) ?? files.length));
  const offsetOf = ({ source }: Diagnostic): number => source?.start.offset ?? 0;
  const said = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const key = JSON.stringify([diagnostic.code, diagnostic.source?.file, offsetOf(diagnostic), diagnostic.detail]);
    if (!said.has(key)) said.set(key, diagnostic);
  }
  return [...said.values()].sort((a, b) => rankOf(a) - rankOf(b) || offsetOf(a) - offsetOf(b));
}
