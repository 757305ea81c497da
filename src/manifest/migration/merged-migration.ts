import type { Located, LocatedDocument, Path } from '../base/located.js';
import { mergeSpec } from './merge-patch.js';

export interface MergedMigration extends Located {
  readonly value: unknown;
}

/** A Migration document with the Project's defaults under its spec. A field's place is where it was written. */
export function mergeDefaults(
  document: LocatedDocument,
  value: unknown,
  project: { readonly document?: LocatedDocument; readonly defaults: unknown },
): MergedMigration {
  const spec = mergeSpec(project.defaults, (value as { readonly spec: unknown }).spec);
  const origin = (path: Path): { readonly located: Located; readonly at: Path } => {
    const inDefaults = ['spec', 'defaults', ...path.slice(1)];
    const inherited = path.length > 1 && path[0] === 'spec' && !document.has(path) && project.document?.has(inDefaults);
    return inherited ? { located: project.document!, at: inDefaults } : { located: document, at: path };
  };
  return {
    value: { ...(value as object), spec },
    rangeOf(path) {
      const { located, at } = origin(path);
      return located.rangeOf(at);
    },
    keyRangeOf(path) {
      const { located, at } = origin(path);
      return located.keyRangeOf(at);
    },
  };
}
