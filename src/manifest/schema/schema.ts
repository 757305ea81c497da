import { migrationShape } from './migration-shape.js';
import { overlaySchema } from './overlay-schema.js';
import { projectShape } from './project-shape.js';
import type { JsonSchema } from './shape.js';
import { trustShape } from './trust-shape.js';

export const manifestKinds = ['Project', 'Migration'] as const;
export type ManifestKind = (typeof manifestKinds)[number];

const draft = 'http://json-schema.org/draft-07/schema#';

/** What editors and Ajv check a document of a file against. Draft-07; `discriminator` is an OpenAPI hint others ignore. */
export const manifestSchemas: Readonly<Record<ManifestKind, JsonSchema>> = {
  Project: { $schema: draft, ...projectShape.render('document') },
  Migration: { $schema: draft, ...migrationShape.render('document') },
};

/** Who may sign and approve plans: a file of its own, not part of a project. */
export const trustPolicySchema: JsonSchema = { $schema: draft, ...trustShape.render('document') };

/** A Migration after the Project's defaults are merged in: what was left open there is required here. Not published. */
export const resolvedMigrationSchema: JsonSchema = { $schema: draft, ...migrationShape.render('resolved') };

/** File name in schemas/ of each kind. */
export const schemaFiles: Readonly<Record<ManifestKind, string>> = {
  Project: 'project.schema.json',
  Migration: 'migration.schema.json',
};
export const trustPolicySchemaFile = 'trust-policy.schema.json';
export const overlaySchemaFile = 'overlay.schema.json';

/** The text of the file in schemas/, byte for byte. */
export const schemaText = (kind: ManifestKind): string => textOf(manifestSchemas[kind]);
export const trustPolicySchemaText = (): string => textOf(trustPolicySchema);
export const overlaySchemaText = (): string => textOf({ $schema: draft, ...overlaySchema() });

export const documentKinds = [...manifestKinds, 'Overlay', 'TrustPolicy'] as const;

/** The schema of any document that people write. */
export function documentSchemaText(kind: (typeof documentKinds)[number]): string {
  if (kind === 'Overlay') return overlaySchemaText();
  return kind === 'TrustPolicy' ? trustPolicySchemaText() : schemaText(kind);
}

const textOf = (schema: JsonSchema): string => `${JSON.stringify(schema, undefined, 2)}\n`;
