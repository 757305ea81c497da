import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const isThere = (path: string): boolean => existsSync(new URL(path, root));

/** For people who work on the project. docs/adr tells what was decided at its time. */
const pages = [
  'CONTRIBUTING.md',
  ...readdirSync(new URL('docs/', root)).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

const topFolders = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const rooms = readdirSync(new URL('src/', root)).map((name) => name);

/** What stands in code in a text and is a file or folder of the project, by how it begins. */
function namesIn(text: string): string[] {
  const inCode = [...text.replaceAll(/^```(?:yaml|json|sh|bash|console)[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, code]) => code!,
  );
  return inCode.flatMap((code) => (isOurs(code) ? [code] : []));
}

function isOurs(code: string): boolean {
  if (!/^[\w.@/*<>{}, -]+$/.test(code) || code.includes(' ')) return false;
  const [first = ''] = code.split('/');
  return code.includes('/') ? topFolders.includes(first) || rooms.includes(first) : /\.(?:ts|mjs|cjs|py)$/.test(code);
}

/** All files of src, for those that are told by their name alone. */
const inSrc = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' });

/** `<kind>` and `*` stand for some name. */
function exists(name: string): boolean {
  const plain = name.replace(/\/$/, '');
  if (/[<*{]/.test(plain)) return isThere(folderOf(plain)) || isThere(`src/${folderOf(plain)}`);
  return isThere(plain) || isThere(`src/${plain}`) || inSrc.some((path) => path === plain || path.endsWith(`/${plain}`));
}

const folderOf = (pattern: string): string => pattern.slice(0, pattern.search(/[<*{]/)).replace(/[^/]*$/, '');

describe('files and folders that the documents name are there', () => {
  test.each(pages)('%s', (page) => {
    expect(namesIn(read(page)).filter((name) => !exists(name))).toEqual([]);
  });

  test('and they are found, also one that is not there', () => {
    expect(pages.flatMap((page) => namesIn(read(page))).length).toBeGreaterThan(100);
    const text =
      'See `plan/core/action.ts`, `plan/core/gone.ts`, `test/nowhere/`, `apply/actions/<kind>.ts`, `no-such.ts` and `a/b`.';
    expect(namesIn(text).filter((name) => !exists(name))).toEqual(['plan/core/gone.ts', 'test/nowhere/', 'no-such.ts']);
  });

  test('the picture of the rooms has every room', () => {
    const page = read('docs/architecture.md');
    expect(rooms.filter((room) => !page.includes(room.endsWith('.ts') ? room : `\`${room}/`))).toEqual([]);
  });

  test('links of the documents lead somewhere', () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].flatMap(([, to]) =>
        existsSync(new URL(to!, new URL(page, root))) ? [] : [`${page}: ${to}`],
      ),
    );
    expect(dead).toEqual([]);
  });
});
