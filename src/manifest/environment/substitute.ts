import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Scalar } from '../../model/scalar.js';
import type { LocatedDocument, Path } from '../base/located.js';
import { problem, quoted } from '../base/problem.js';
import { type ProjectVariables, undeclared } from './project-variables.js';

/** A document in which each `${var.NAME}` is the value of that variable. Places are those of the text that names it. */
export interface Substituted {
  readonly document: LocatedDocument;
  readonly diagnostics: readonly Diagnostic[];
}

const REFERENCE = /\$\$\{|\$\{([^{}]*)(\}?)/g;

interface Pass {
  readonly document: LocatedDocument;
  readonly variables: ProjectVariables;
  readonly used: Set<string>;
  readonly diagnostics: Diagnostic[];
  readonly at: Map<string, readonly string[]>;
}

/** `used` is told every variable that is named. A text that is nothing but `${var.NAME}` becomes what the value is, a number too. */
export function substitute(document: LocatedDocument, variables: ProjectVariables, used: Set<string>): Substituted {
  const pass: Pass = { document, variables, used, diagnostics: [], at: new Map() };
  const value = replacedIn(document.value, [], pass);
  if (pass.at.size === 0 && pass.diagnostics.length === 0 && value === document.value) return { document, diagnostics: [] };
  const { diagnostics, at } = pass;
  const sound = document.sound && diagnostics.length === 0;
  return {
    document: { ...document, value, sound, variablesAt: (path) => at.get(path.join('.')) ?? [] },
    diagnostics,
  };
}

/** Where variables get their values; those name no others. */
const declares = (path: Path): boolean =>
  path.length === 2 && path[0] === 'spec' && /^(variables|environments)$/.test(String(path[1]));

/** The same value where nothing in it is replaced. */
function replacedIn(value: unknown, path: Path, pass: Pass): unknown {
  if (typeof value === 'string') return value.includes('${') ? textOf(value, path, pass) : value;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => replacedIn(item, [...path, index], pass));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (typeof value !== 'object' || value === null || declares(path)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, inner, replacedIn(inner, [...path, key], pass)] as const);
  if (entries.every(([, before, after]) => before === after)) return value;
  return Object.fromEntries(entries.map(([key, , after]) => [key, after]));
}

function textOf(text: string, path: Path, pass: Pass): Scalar {
  const [whole] = text.matchAll(REFERENCE);
  const names = new Set<string>();
  const replaced = text.replace(REFERENCE, (found, inner: string | undefined, end: string | undefined) => {
    if (inner === undefined) return '${';
    const value = referred(found, { inner, end, path }, pass);
    if (typeof value !== 'object') names.add(inner.slice('var.'.length));
    return typeof value === 'object' ? found : String(value);
  });
  if (names.size > 0) pass.at.set(path.join('.'), [...names]);
  const only =
    whole?.[0] === text && whole[1] !== undefined ? pass.variables.values.get(whole[1].slice('var.'.length)) : undefined;
  return only?.value ?? replaced;
}

const nothing: Readonly<Record<string, never>> = {};

/** The value of one reference; an object when there is none, which is told. */
function referred(
  found: string,
  { inner, end, path }: { readonly inner: string; readonly end: string | undefined; readonly path: Path },
  { document, variables, used, diagnostics }: Pass,
): Scalar | typeof nothing {
  const source = document.rangeOf(path);
  const [, name] = /^var\.([A-Za-z][A-Za-z0-9_]*)$/.exec(inner) ?? [];
  if (name === undefined || end !== '}') {
    const detail = `${quoted(found)} is no variable`;
    const nextSteps = ['Write ${var.NAME}; for the text itself, write $${ in place of ${'];
    diagnostics.push(problem('MP1045', source, { detail, nextSteps }));
    return nothing;
  }
  used.add(name);
  const value = variables.values.get(name)?.value;
  if (value !== undefined) return value;
  if (!variables.declared.includes(name)) diagnostics.push(undeclared(name, variables.declared, source));
  else if (!variables.diagnostics.some(({ code }) => code === 'MP1048')) diagnostics.push(withoutValue(name, source));
  return nothing;
}

const withoutValue = (name: string, source: Diagnostic['source']): Diagnostic =>
  problem('MP1043', source, {
    detail: `variable ${name} has no value`,
    nextSteps: [
      `Give it one: --var ${name}=VALUE, or set MIGPLAN_VAR_${name}`,
      'Or write a default in spec.variables of the Project, or a value in one of spec.environments',
    ],
  });
