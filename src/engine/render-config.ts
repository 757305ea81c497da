import type { SourceRange } from '../diag/source-range.js';
import type { VariableOrigin } from '../manifest/environment/project-variables.js';
import type { LoadedDocument, LoadedProject } from '../manifest/load.js';
import { resolvedMigrationSchema } from '../manifest/schema/schema.js';
import { own } from '../model/own.js';
import type { Scalar } from '../model/scalar.js';

/** Where one value comes from. */
export interface Origin {
  /** Absent: no file says it, and it is what leaving it out means. */
  readonly source?: SourceRange;
  /** Whose value is in the text that stands there. */
  readonly variables: readonly string[];
}

/** A document as migplan takes it, with the origin of every scalar in it, by dotted path. Secrets are the references that name them. */
export interface RenderedDocument {
  readonly value: unknown;
  readonly origins: Readonly<Record<string, Origin>>;
}

export interface RenderedConfig {
  readonly environment?: string;
  readonly variables: Readonly<Record<string, { readonly value: Scalar; readonly origin: VariableOrigin }>>;
  readonly project?: RenderedDocument;
  readonly migrations: readonly (RenderedDocument & { readonly address: string })[];
}

/** What the files come to: defaults, overlay, variables and all. `addresses`: of which migrations; the Project is there only without. */
export function renderConfig({ documents, settings }: LoadedProject, addresses: readonly string[] | undefined): RenderedConfig {
  const { project, migrations = [], variables } = documents ?? {};
  const wanted = migrations.filter(({ address }) => addresses?.includes(address) ?? true);
  return {
    ...(settings.environment !== undefined && { environment: settings.environment }),
    variables: Object.fromEntries(variables ?? []),
    ...(project && addresses === undefined && { project: rendered(project, project.value) }),
    migrations: wanted.map((one) => ({
      address: one.address,
      ...rendered(one, withBuiltIns(one.value, resolvedMigrationSchema)),
    })),
  };
}

function rendered(document: LoadedDocument, value: unknown): RenderedDocument {
  const origins = new Map<string, Origin>();
  const visit = (node: unknown, path: readonly (string | number)[]): void => {
    if (typeof node === 'object' && node !== null) {
      for (const [key, inner] of Object.entries(node)) visit(inner, [...path, Array.isArray(node) ? Number(key) : key]);
      return;
    }
    const isWritten =
      path.reduce<unknown>((at, step) => own(Object(at) as object as Fields, String(step)), document.value) !== undefined;
    const variables = document.variablesAt?.(path) ?? [];
    origins.set(path.join('.'), { ...(isWritten && { source: document.rangeOf(path) }), variables });
  };
  visit(value, []);
  return { value, origins: Object.fromEntries(origins) };
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What leaving fields out means, where the schema knows it. A mapping that nobody wrote is there only when all in it is known. */
function withBuiltIns(value: unknown, schema: Fields): unknown {
  if (!isFields(value)) return value;
  const properties = isFields(schema['properties']) ? schema['properties'] : {};
  const added = Object.entries(properties).flatMap(([name, field]): [string, unknown][] => {
    if (!isFields(field)) return [];
    const given = own(value, name);
    if (given !== undefined) return [[name, withBuiltIns(given, field)]];
    if (field['default'] !== undefined) return [[name, field['default']]];
    const inner = Object.values(isFields(field['properties']) ? field['properties'] : {});
    const isKnown = inner.length > 0 && inner.every((one) => isFields(one) && one['default'] !== undefined);
    return isKnown ? [[name, withBuiltIns({}, field)]] : [];
  });
  return { ...value, ...Object.fromEntries(added) };
}
