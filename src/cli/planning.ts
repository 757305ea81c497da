import { Flags } from '@oclif/core';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { makePlan } from '../engine/make-plan.js';
import { type Selecting, selectionOf, selectMigrations } from '../manifest/migration/select-migrations.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { Runtime } from '../runtime.js';
import type { PlanView } from '../views/plan/view.js';

/** Which migrations a plan is made of, for every command that makes one. */
export const selectionFlags = {
  target: Flags.string({
    summary: 'Only these migrations (vm/NAME, * allowed). May be repeated.',
    multiple: true,
    helpValue: 'ADDRESS',
  }),
  exclude: Flags.string({
    summary: 'Leave these migrations out (vm/NAME, * allowed). May be repeated.',
    multiple: true,
    helpValue: 'ADDRESS',
  }),
  phase: Flags.option({ options: ['seed', 'sync', 'cutover'] as const, multiple: true })({
    summary: 'Only migrations whose manifest says this phase. May be repeated.',
  }),
};

/** Plans what was selected, and tells what is odd about the files. Throws DiagnosticsError when a pattern matches nothing. */
export async function planSelected(
  runtime: Runtime,
  { selecting, version, view }: { readonly selecting: Selecting; readonly version: string; readonly view: PlanView },
): Promise<PlanFile> {
  view.diagnostics(runtime.loaded.diagnostics);
  const { selected, patterns } = selectOrRefuse(runtime, selecting);
  return makePlan(runtime, { migrations: selected, selected: patterns, version });
}

/** Throws DiagnosticsError when a pattern matches nothing. */
export function selectOrRefuse({ loaded }: Runtime, selecting: Selecting) {
  const patterns = selectionOf(selecting);
  const { selected, diagnostics } = selectMigrations(loaded.migrations, patterns);
  if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics);
  return { selected, patterns };
}

/** A saved plan says itself what it is for: all of it is done, or none. */
export function refuseSelection(selecting: Selecting): void {
  const [first] = (['target', 'exclude', 'phase'] as const).filter((name) => selecting[name] !== undefined);
  if (first === undefined) return;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3018',
      detail: `--${first} cannot be used with a saved plan; nothing was changed`,
      nextSteps: ['make a plan of that selection, and apply that one'],
    },
  ]);
}
