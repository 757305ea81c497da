import { type Alias, type Document, type Node, parseAllDocuments, visit } from 'yaml';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { type LocatedDocument, locate } from '../base/located.js';
import { problem } from '../base/problem.js';
import { SourceText } from '../base/source-text.js';
import { explainYamlError } from './yaml-problems.js';

/** More than any manifest needs; an alias bomb stops here instead of in memory. */
const aliasesMax = 100;
/** Looking for a key that is used twice compares each with each. */
const keysMax = 2_000;
/** The yaml library uses the stack, and worse, for nesting: thousands of levels end the process. */
const nestingMax = 100;

export interface ParsedFile {
  /** Documents that can be read. Those with syntax errors are left out. */
  readonly documents: readonly LocatedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** All documents of a YAML 1.2 file. Never throws on what a file may hold. */
export function parseYaml(file: string, text: string): ParsedFile {
  const source = new SourceText(file, text);
  const deep = nestingTooDeepAt(text);
  if (deep !== undefined) {
    const detail = `values are nested more than ${nestingMax} levels deep`;
    return { documents: [], diagnostics: [problem('MP1006', source.range(deep, deep + 1), { detail })] };
  }
  const large = tooManyKeysAt(text);
  if (large !== undefined) {
    const detail = `a mapping has more than ${keysMax} keys`;
    return { documents: [], diagnostics: [problem('MP1006', source.range(large, large + 1), { detail })] };
  }
  const parsed = parseAllDocuments(text, { prettyErrors: false, logLevel: 'error' });
  const documents: LocatedDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const document of 'empty' in parsed ? [] : parsed) {
    const problems = [
      ...syntaxProblems(document, source),
      ...(tooManyAliases(document, source) ?? aliasProblems(document, source)),
    ];
    diagnostics.push(...problems);
    if (problems.length > 0 && !onlyDuplicateKeys(document, problems.length)) continue;
    const value = plainValue(document, source);
    if ('problem' in value) diagnostics.push(value.problem);
    else documents.push(locate(document, source, value.plain));
  }
  return { documents, diagnostics };
}

/** Such a document is still clear enough to look for its other mistakes. */
const onlyDuplicateKeys = (document: Document, problems: number): boolean =>
  document.errors.length === problems && document.errors.every(({ code }) => code === 'DUPLICATE_KEY');

/** Brackets that are text count as well: that is rare, and the limit is generous. */
function nestingTooDeepAt(text: string): number | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    if (depth > nestingMax) return i;
  }
  const compact = /^[ \t]*(?:[-?:][ \t]+){100}/m.exec(text);
  const indented = /^ {1000}/m.exec(text);
  return compact?.index ?? indented?.index;
}

function syntaxProblems(document: Document, source: SourceText): Diagnostic[] {
  const { yaml } = document.directives ?? {};
  const old = yaml?.explicit === true && yaml.version !== '1.2';
  const start = document.range?.[0] ?? 0;
  return [
    ...(old
      ? [
          problem('MP1006', source.range(0, Math.min(start, source.text.length)), {
            detail: `%YAML ${yaml.version} is not supported: files are YAML 1.2`,
            nextSteps: ['Remove the %YAML line'],
          }),
        ]
      : []),
    // The parser says one mistake several times over; the first is the true one. Keys used twice are each their own.
    ...document.errors
      .filter(({ code }, i) => i === 0 || code === 'DUPLICATE_KEY')
      .map((error) => explainYamlError(error, document, source)),
    ...document.warnings.map((warning) => explainYamlError(warning, document, source)),
  ];
}

/** Where the first mapping that is too large begins. Small texts cannot hold one. */
function tooManyKeysAt(text: string): number | undefined {
  if (text.split(':', keysMax + 2).length <= keysMax) return undefined;
  const parsed = parseAllDocuments(text, { prettyErrors: false, logLevel: 'error', uniqueKeys: false });
  let found: number | undefined;
  for (const document of 'empty' in parsed ? [] : parsed) {
    visit(document, {
      Map(_key, map) {
        if (map.items.length <= keysMax) return undefined;
        found ??= map.range?.[0] ?? 0;
        return visit.BREAK;
      },
    });
  }
  return found;
}

/** Counted before any is followed: what each stands for is looked for in the whole document. */
function tooManyAliases(document: Document, source: SourceText): Diagnostic[] | undefined {
  let count = 0;
  visit(document, {
    Alias() {
      count++;
    },
  });
  return count > aliasesMax ? [tooMuch(document, source)] : undefined;
}

function aliasProblems(document: Document, source: SourceText): Diagnostic[] {
  const found: Diagnostic[] = [];
  visit(document, {
    Alias(_key, alias: Alias, ancestors) {
      const target = alias.resolve(document);
      const [start, end] = alias.range ?? [0, 0];
      const name = JSON.stringify(`*${alias.source}`);
      if (target === undefined) {
        const detail = `the alias ${name} stands for nothing: no &${alias.source} comes before it`;
        const nextSteps = ['Write the value itself; put text that starts with * in quotes'];
        found.push(problem('MP1006', source.range(start, end), { detail, nextSteps }));
      } else if (ancestors.includes(target as Node)) {
        const detail = `the alias ${name} stands inside of what it stands for`;
        const nextSteps = ['Write the value itself'];
        found.push(problem('MP1006', source.range(start, end), { detail, nextSteps }));
      }
    },
  });
  return found;
}

function plainValue(document: Document, source: SourceText): { readonly plain: unknown } | { readonly problem: Diagnostic } {
  try {
    return { plain: document.toJS({ maxAliasCount: aliasesMax }) };
  } catch (error) {
    // The library's only way of saying that aliases multiply beyond maxAliasCount.
    if (!(error instanceof ReferenceError)) throw error;
    return { problem: tooMuch(document, source) };
  }
}

function tooMuch(document: Document, source: SourceText): Diagnostic {
  const [start, end] = document.range ?? [0, 0];
  return problem('MP1006', source.range(start, end), {
    detail: `aliases (*name) repeat too much data: at most ${aliasesMax} repetitions are read`,
    nextSteps: ['Write the values themselves, or put what manifests share into spec.defaults of the Project'],
  });
}
