import { readdir, readFile } from 'node:fs/promises';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const folder = new URL('../../src/contracts/', import.meta.url);

interface Method {
  readonly name: string;
  readonly says: string;
  readonly returns: string;
}

const textOf = (node: ts.Node, file: ts.SourceFile): string =>
  (ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? [])
    .map(({ pos, end }) => file.text.slice(pos, end).replaceAll(/\n? +\* ?/g, ' '))
    .at(-1) ?? '';

function interfacesOf(
  name: string,
  text: string,
): readonly { readonly node: ts.InterfaceDeclaration; readonly file: ts.SourceFile }[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  return file.statements.filter(ts.isInterfaceDeclaration).map((node) => ({ node, file }));
}

/** Every method of every interface of one file. */
function methodsOf(name: string, text: string): Method[] {
  return interfacesOf(name, text).flatMap(({ node, file }) =>
    node.members.filter(ts.isMethodSignature).map((member) => ({
      name: `${name} ${node.name.text}.${member.name.getText(file)}`,
      says: textOf(member, file),
      returns: member.type?.getText(file) ?? '',
    })),
  );
}

/** What somebody has to give back: it can be disposed, closed or released. */
function heldTypes(name: string, text: string): string[] {
  const held = interfacesOf(name, text).filter(({ node, file }) =>
    node.members.some((member) => ts.isMethodSignature(member) && ['close', 'release'].includes(member.name.getText(file))),
  );
  return held.map(({ node }) => node.name.text);
}

const topics = ['Errors', 'Abort', 'Limit'] as const;

const missing = ({ name, says, returns }: Method, held: readonly string[]): string[] => {
  const wanted = held.some((type) => new RegExp(`\\b${type}\\b`).test(returns)) ? [...topics, 'Closes'] : topics;
  return wanted.filter((topic) => !new RegExp(`\\b${topic}: \\S`).test(says)).map((topic) => `${name}: ${topic}`);
};

describe('every method of a contract says which errors it throws, what an abort does, how long it may take, and who closes', async () => {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => ({ name, text: await readFile(new URL(name, folder), 'utf8') })),
  );
  // A reader is a union, of which one part has what is given back; an attachment is given back by its id.
  const held = [...files.flatMap(({ name, text }) => heldTypes(name, text)), 'DiskReader', 'AttachmentId', 'AsyncDisposable'];

  test.each(files)('$name', ({ name, text }) => {
    expect(methodsOf(name, text).flatMap((method) => missing(method, held))).toEqual([]);
  });

  test('there are some, and one that says nothing is found', () => {
    expect(files.flatMap(({ name, text }) => methodsOf(name, text)).length).toBeGreaterThan(40);
    const text = `interface Door {
      /** Errors: none. Abort: not felt. Limit: at once. */
      knock(): void;
      /** Opens it. Errors: a bang. */
      open?(signal: AbortSignal): Promise<NbdEndpoint>;
      close(): void;
    }`;
    expect(heldTypes('door.ts', text)).toEqual(['Door']);
    expect(methodsOf('door.ts', text).flatMap((method) => missing(method, held))).toEqual([
      'door.ts Door.open: Abort',
      'door.ts Door.open: Limit',
      'door.ts Door.open: Closes',
      'door.ts Door.close: Errors',
      'door.ts Door.close: Abort',
      'door.ts Door.close: Limit',
    ]);
  });
});
