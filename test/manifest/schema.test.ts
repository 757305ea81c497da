import { expect, test } from 'vitest';
import { type ManifestKind, schemaFiles, schemaText } from '../../src/manifest/schema/schema.js';

test.each(Object.keys(schemaFiles) as ManifestKind[])('schemas/ holds the schema of %s as it is in code', async (kind) => {
  await expect(schemaText(kind)).toMatchFileSnapshot(`../../schemas/${schemaFiles[kind]}`);
});
