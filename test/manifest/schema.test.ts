import { expect, test } from 'vitest';
import {
  type ManifestKind,
  overlaySchemaFile,
  overlaySchemaText,
  schemaFiles,
  schemaText,
  trustPolicySchemaFile,
  trustPolicySchemaText,
} from '../../src/manifest/schema/schema.js';

test.each(Object.keys(schemaFiles) as ManifestKind[])('schemas/ holds the schema of %s as it is in code', async (kind) => {
  await expect(schemaText(kind)).toMatchFileSnapshot(`../../schemas/${schemaFiles[kind]}`);
});

test('schemas/ holds the schema of overlays as it is in code', async () => {
  await expect(overlaySchemaText()).toMatchFileSnapshot(`../../schemas/${overlaySchemaFile}`);
});

test('schemas/ holds the schema of trust policies as it is in code', async () => {
  await expect(trustPolicySchemaText()).toMatchFileSnapshot(`../../schemas/${trustPolicySchemaFile}`);
});
