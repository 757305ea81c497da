import { own } from '../../model/own.js';
import type { LocatedDocument, Path } from '../base/located.js';
import { isPlain, mergePatch } from '../base/merge-patch.js';
import { fieldsAt } from './project-variables.js';

/** A Project with an overlay merged over its spec. A field's place is where it was written last. */
export function overlaid(project: LocatedDocument, overlay: LocatedDocument): LocatedDocument {
  const { migrations: _ofMigrations, ...patch } = (overlay.value as { readonly spec: Readonly<Record<string, unknown>> }).spec;
  const at = (path: Path): LocatedDocument => (path.length > 1 && path[0] === 'spec' && overlay.has(path) ? overlay : project);
  const { spec } = project.value as { readonly spec?: unknown };
  return {
    file: project.file,
    value: { ...(project.value as object), spec: mergePatch(spec, patch) },
    sound: project.sound && overlay.sound,
    has: (path) => project.has(path) || overlay.has(path),
    rangeOf: (path) => at(path).rangeOf(path),
    keyRangeOf: (path) => at(path).keyRangeOf(path),
    writtenAt: (path) => at(path).writtenAt(path),
    variablesAt: (path) => at(path).variablesAt?.(path) ?? [],
  };
}

/** What an overlay says of one Migration: a patch of its spec, and where it stands. Undefined: nothing. */
export function patchOf(overlay: LocatedDocument | undefined, name: string): MigrationPatch | undefined {
  const path = ['spec', 'migrations', name];
  const spec = own(fieldsAt(overlay, ['spec', 'migrations']), name);
  // What is no mapping is told where the overlay is read.
  return overlay !== undefined && isPlain(spec) ? { spec, located: overlay, path } : undefined;
}

export interface MigrationPatch {
  readonly spec: unknown;
  readonly located: LocatedDocument;
  readonly path: Path;
}
