import type { Located, LocatedDocument, Path } from '../base/located.js';
import { patchOf } from '../environment/overlaid.js';
import { mergeSpec } from './merge-spec.js';

export interface MergedMigration extends Located {
  readonly value: unknown;
  variablesAt(path: Path): readonly string[];
}

/**
 * A Migration document with the Project's defaults under its spec, and over it what the overlay says of it. A field's place is where it was
 * written.
 */
export function mergeDefaults(
  document: LocatedDocument,
  value: unknown,
  project: { readonly document?: LocatedDocument; readonly overlay?: LocatedDocument; readonly defaults: unknown },
): MergedMigration {
  const { metadata, spec: own } = value as { readonly metadata: { readonly name: string }; readonly spec: unknown };
  const patch = patchOf(project.overlay, metadata.name);
  const inherited = mergeSpec(project.defaults, own);
  const spec = patch === undefined ? inherited : mergeSpec(inherited, patch.spec);
  const origin = (path: Path): { readonly located: LocatedDocument; readonly at: Path } => {
    const inPatch = patch && path.length > 1 && path[0] === 'spec' ? [...patch.path, ...path.slice(1)] : undefined;
    if (inPatch !== undefined && patch!.located.has(inPatch)) return { located: patch!.located, at: inPatch };
    const inDefaults = ['spec', 'defaults', ...path.slice(1)];
    const isInherited = path.length > 1 && path[0] === 'spec' && !document.has(path) && project.document?.has(inDefaults);
    return isInherited ? { located: project.document!, at: inDefaults } : { located: document, at: path };
  };
  return {
    value: { ...(value as object), spec },
    rangeOf(path) {
      const { located, at } = origin(path);
      return located.rangeOf(at);
    },
    variablesAt(path) {
      const { located, at } = origin(path);
      return located.variablesAt?.(at) ?? [];
    },
    keyRangeOf(path) {
      const { located, at } = origin(path);
      return located.keyRangeOf(at);
    },
  };
}
