import type { Diagnostic } from '../diag/diagnostic.js';
import type { LocatedDocument } from './base/located.js';
import { nearest } from './base/nearest.js';
import { problem, quoted, shown } from './base/problem.js';
import { apiVersion } from './schema/migration-shape.js';
import { manifestKinds as kinds, type ManifestKind } from './schema/schema.js';

export interface KindParseResult {
  /** Absent: the document is of no kind we know, or of a version we do not. */
  readonly kind?: ManifestKind;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a document says it is. Everything wrong with apiVersion and kind is told here and nowhere else. */
export function readKind(document: LocatedDocument): KindParseResult {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const detail = `the document is ${shown(value)}, and must be a mapping with apiVersion, kind, metadata and spec`;
    const nextSteps = ['Write these four fields at the start of lines, or take the file out of spec.include'];
    return { diagnostics: [problem('MP1008', document.rangeOf([]), { detail, nextSteps })] };
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const version = versionProblem(fields, document);
  const kind = kinds.find((name) => name === fields['kind']);
  const diagnostics = [...(version ?? []), ...(kind === undefined ? [kindProblem(fields, document)] : [])];
  const other = typeof fields['apiVersion'] === 'string' && /^migplan\.dev\/v\d\w*$/.test(fields['apiVersion']);
  // A document of another version of ours has other fields: only its version is worth a word.
  return version !== undefined && other ? { diagnostics: version } : { ...(kind && { kind }), diagnostics };
}

function versionProblem(fields: Readonly<Record<string, unknown>>, document: LocatedDocument): Diagnostic[] | undefined {
  const version = fields['apiVersion'];
  if (version === apiVersion) return undefined;
  const given = Object.hasOwn(fields, 'apiVersion');
  return [
    problem('MP1008', given ? document.rangeOf(['apiVersion']) : document.rangeOf([]), {
      detail: given
        ? `apiVersion is ${shown(version).replace('the text ', '')}, which this migplan does not read`
        : 'the document has no apiVersion',
      nextSteps: [`Write: apiVersion: ${apiVersion}`],
    }),
  ];
}

function kindProblem(fields: Readonly<Record<string, unknown>>, document: LocatedDocument): Diagnostic {
  const kind = fields['kind'];
  if (!Object.hasOwn(fields, 'kind')) {
    const nextSteps = ['Write kind: Migration (one VM) or kind: Project (migplan.yaml), or take the file out of spec.include'];
    return problem('MP1008', document.rangeOf([]), { detail: 'the document has no kind', nextSteps });
  }
  const meant = typeof kind === 'string' ? nearest(kind, kinds) : undefined;
  return problem('MP1008', document.rangeOf(['kind']), {
    detail: `kind is ${typeof kind === 'string' ? quoted(kind) : shown(kind)}, and must be Project or Migration`,
    nextSteps: [
      meant ? `Did you mean ${meant}? Write: kind: ${meant}` : 'Write kind: Migration (one VM) or kind: Project (migplan.yaml)',
    ],
  });
}

/** Both are told by readKind; with right ones the schema tells the rest. */
export const withRightHeader = (document: LocatedDocument, kind: ManifestKind): unknown => ({
  ...(document.value as object),
  apiVersion,
  kind,
});
