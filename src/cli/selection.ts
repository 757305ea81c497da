import { Flags } from '@oclif/core';
import { DiagnosticsError } from '../diag/diagnostic.js';
import type { LoadedProject } from '../manifest/load.js';
import { type Selecting, selectionOf, selectMigrations } from '../manifest/migration/select-migrations.js';
import type { ProjectFlags } from './project-flags.js';

/** Which migrations are meant, for every command that may be about some of them. */
export const selectionFlags = {
  selector: Flags.string({
    char: 'l',
    summary: "Only migrations with these labels, as kubectl takes them: 'wave=10,app in (erp,crm),!hold'. Repeated: any of them.",
    multiple: true,
    helpValue: 'LABELS',
  }),
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

/** Throws DiagnosticsError when a pattern or a selector matches nothing, or cannot be read. */
export function selectOrRefuse({ migrations }: Pick<LoadedProject, 'migrations'>, selecting: Selecting) {
  const patterns = selectionOf(selecting);
  const { selected, diagnostics } = selectMigrations(migrations, patterns);
  if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics);
  return { selected, patterns };
}

/**
 * A saved plan says itself what it is for, and with which values: all of it is done, or none. Whatever is in the file, this is an error of
 * what was typed.
 */
export function refuseBesidePlan(typed: Selecting & Pick<ProjectFlags, 'var'>): void {
  const [first] = (['target', 'exclude', 'phase', 'selector', 'var'] as const).filter((name) => typed[name] !== undefined);
  if (first === undefined) return;
  const step =
    first === 'var'
      ? 'make a plan with these values, and apply that one: migplan plan --var NAME=VALUE --out plan.json'
      : 'make a plan of that selection, and apply that one';
  const detail = `--${first} cannot be used with a saved plan${first === 'var' ? ', which has its values' : ''}; nothing was changed`;
  throw new DiagnosticsError([{ severity: 'error', code: 'MP3018', detail, nextSteps: [step] }]);
}
