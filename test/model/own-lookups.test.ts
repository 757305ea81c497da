import { relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { resolveSecret } from '../../src/manifest/project/secret-ref.js';
import { imageMetadataChange } from '../../src/plan/core/image-metadata.js';
import { mergeSections } from '../../src/providers/openstack/config/clouds-file.js';

const position = { line: 1, column: 1, offset: 0 };
const source = { file: 'migplan.yaml', start: position, end: position };

describe('names that every object has', () => {
  test('an environment variable called constructor is not set', async () => {
    expect(await resolveSecret({ kind: 'env', name: 'constructor', source }, {})).toMatchObject({
      diagnostic: { code: 'MP1015' },
    });
  });

  test('image metadata called constructor and toString are new, and have no value before', () => {
    const set = { constructor: 'a', toString: 'b' } as unknown as Record<string, string>;
    expect(imageMetadataChange(set, {})).toEqual({ set, unset: [], before: {} });
  });

  test('a section called __proto__ of a clouds.yaml is a section, and changes no other look-up', () => {
    const over = JSON.parse('{"__proto__": {"auth": {"username": "x"}}, "toString": {"a": "b"}}') as Parameters<
      typeof mergeSections
    >[0];
    const merged = mergeSections({}, over);
    expect(Object.keys(merged)).toEqual(['__proto__', 'toString']);
    expect(merged['auth']).toBeUndefined();
  });
});

/** Look-ups by keys that are our own, in the words of the source, by file: why none of them can be a name from outside. */
const ours: Readonly<Record<string, readonly string[]>> = {
  // The one function itself.
  'src/model/own.ts': ['table[name]'],
  // The key was found among the keys of the record.
  'src/model/same-name.ts': ['names[key]'],
  // Keys are a list of literals two lines above.
  // Keys are the text of a disk's number.
  'src/state/vm-ledger.ts': ['lastSync[key]', 'history[key]'],
  // One character or unit, which a regular expression found.
  'src/model/xml-text.ts': ['ENTITIES[character]'],
  'src/providers/vmware/soap/encode.ts': ['values[name]', 'encoded[name]'],
  'src/providers/vmware/inventory/inventory-path.ts': ['ESCAPES[character]'],
  'src/manifest/schema/forms.ts': ['sizeUnits[unit!]', 'durationUnits[unit!]'],
  // The table of the rules of an action's fields, and its own keys.
  'src/plan/file/beyond-approval.ts': [
    'rules[field]',
    '(candidate as Fields)[field]',
    '(left as Fields)[field]',
    '(reviewed as Fields)[field]',
  ],
  // The key that says whose server it is.
  'src/providers/openstack/target/port-mark.ts': ['metadata[identityKey]'],
  'src/providers/openstack/target/create-server.ts': ['request.metadata[request.identityKey]'],
  // A record that is only written to: text set as its prototype changes nothing.
  'src/providers/openstack/http/transport.ts': ['flat[key.toLowerCase()]'],
  // Names of our tables of types.
  'src/providers/vmware/wsdl/document.ts': ['XSD_TYPES[type]', 'table[name]'],
  // Records without a prototype (bare), and the keys of the record itself.
  'src/providers/vmware/soap/decode.ts': ['tag.attributes[name]', 'fields[field]', 'fields[name]'],
};

const root = process.cwd();

/** Every `record[key]` in src/ whose key may be any text, with the place. */
function lookUps(): { readonly file: string; readonly text: string; readonly line: number }[] {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const config = ts.getParsedCommandLineOfConfigFile('tsconfig.json', {}, host)!;
  const program = ts.createProgram(
    config.fileNames.filter((name) => relative(root, name).startsWith('src/')),
    config.options,
  );
  const checker = program.getTypeChecker();
  const found: { file: string; text: string; line: number }[] = [];
  for (const sourceFile of program.getSourceFiles()) {
    const file = relative(root, sourceFile.fileName);
    if (!file.startsWith('src/') || sourceFile.isDeclarationFile) continue;
    const visit = (node: ts.Node): void => {
      if (ts.isElementAccessExpression(node) && isAnyText(checker, node.argumentExpression)) {
        found.push({ file, text: node.getText(), line: sourceFile.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
      }
      ts.forEachChild(node, visit);
    };
    visit(sourceFile);
  }
  return found;
}

/** Not a literal, not one of a union of literals, not the text of a number. */
function isAnyText(checker: ts.TypeChecker, key: ts.Expression): boolean {
  const isText = (type: ts.Type): boolean => {
    if (type.isUnionOrIntersection()) return type.types.some(isText);
    if (type.flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral | ts.TypeFlags.Any)) return true;
    const bound = type.flags & ts.TypeFlags.TypeParameter ? checker.getBaseConstraintOfType(type) : undefined;
    return bound !== undefined && bound !== type && isText(bound);
  };
  const isNumber = (type: ts.Type): boolean =>
    type.isIntersection() ? type.types.some(isNumber) : (type.flags & ts.TypeFlags.NumberLike) !== 0;
  if (ts.isCallExpression(key) && key.expression.getText() === 'String' && key.arguments[0] !== undefined)
    return !isNumber(checker.getTypeAtLocation(key.arguments[0]));
  return !ts.isStringLiteralLike(key) && isText(checker.getTypeAtLocation(key));
}

test('a name that came from outside is looked up by own() or byName(): no other record[key] is in src', () => {
  const found = lookUps();
  const stray = found.filter(({ file, text }) => ours[file]?.includes(text) !== true);
  expect(stray.map(({ file, line, text }) => `${file}:${line}: ${text}`)).toEqual([]);
  const unused = Object.entries(ours).flatMap(([file, texts]) =>
    texts.filter((text) => !found.some((one) => one.file === file && one.text === text)).map((text) => `${file}: ${text}`),
  );
  expect(unused).toEqual([]);
}, 120_000);
