import type { Diagnostic } from '../../diag/diagnostic.js';
import { own } from '../../model/own.js';
import type { Scalar } from '../../model/scalar.js';
import type { LocatedDocument, Path } from '../base/located.js';
import { nearest } from '../base/nearest.js';
import { problem, quoted, shown } from '../base/problem.js';
import { forms } from '../schema/forms.js';

/** Where the value of a variable comes from. */
export type VariableOrigin = 'flag' | 'environment variable' | 'environment' | 'default' | 'plan';

export interface ResolvedVariable {
  readonly value: Scalar;
  readonly origin: VariableOrigin;
}

/** What is said of variables outside of the files. */
export interface GivenVariables {
  /** `name=value`, as --var takes them; the last of a name counts. */
  readonly flags: readonly string[];
  /** Where MIGPLAN_VAR_name are. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of a saved plan: its values count, whatever is said elsewhere. */
  readonly saved?: Readonly<Record<string, Scalar>>;
}

export interface ProjectVariables {
  /** Those with a value. */
  readonly values: ReadonlyMap<string, ResolvedVariable>;
  readonly declared: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** The part of a document that a path leads to, as fields; none when it is something else. */
export const fieldsAt = (document: LocatedDocument | undefined, path: Path): Fields =>
  fieldsOf(path.reduce<unknown>((value, step) => own(fieldsOf(value), String(step)), document?.value));

const PREFIX = 'MIGPLAN_VAR_';

/**
 * The values of all variables that the Project declares: a flag before MIGPLAN_VAR_name, before the chosen environment, before the
 * default. The schema tells what is wrong with the declarations themselves.
 */
export function projectVariables(
  project: LocatedDocument | undefined,
  { given, environment }: { readonly given: GivenVariables; readonly environment: string | undefined },
): ProjectVariables {
  const declarations = fieldsAt(project, ['spec', 'variables']);
  const declared = Object.keys(declarations);
  const inEnvironment = environmentValues(project, environment, declared);
  const flags = flagValues(given.flags, declared);
  const misspelt = given.saved === undefined ? misspeltOnes(project, declared, given.env) : [];
  const diagnostics = [...inEnvironment.diagnostics, ...flags.diagnostics, ...misspelt];
  const values = new Map<string, ResolvedVariable>();
  for (const name of declared) {
    const fields = fieldsOf(own(declarations, name));
    const found = chosen(name, { ...given, fields, flags: flags.values, environment: inEnvironment.values });
    if (found === undefined) continue;
    const place = { project, environment, path: pathOf(name, found, environment) };
    const judged = judgedValue(name, found, { ...place, fields });
    if ('value' in judged) values.set(name, { value: judged.value, origin: found.origin });
    else diagnostics.push(judged);
  }
  return { values, declared, diagnostics };
}

/** The value as it is used, or what is wrong with it. */
function judgedValue(name: string, found: Given, { fields, ...place }: Place & { readonly fields: Fields }) {
  const type = typeOf(fields);
  const read = asTyped(found, fields);
  if (typeof read === 'string') return wrongValue(name, found, { ...place, why: read, step: anotherValue(name, type) });
  const why = own(fields, 'type') === undefined ? otherThanWritten(found, place) : undefined;
  if (why === undefined) return read;
  return wrongValue(name, found, { ...place, why, step: `Put it in quotes, or declare what it is: ${name}: {type: ${type}}` });
}

interface Sources {
  readonly fields: Fields;
  readonly flags: ReadonlyMap<string, string>;
  readonly env: GivenVariables['env'];
  readonly environment: Fields;
  readonly saved?: GivenVariables['saved'];
}

function chosen(name: string, { fields, flags, env, environment, saved }: Sources): Given | undefined {
  const kept = saved && own(saved, name);
  if (kept !== undefined) return { value: kept, origin: 'plan' };
  const flag = flags.get(name);
  if (flag !== undefined) return { value: flag, origin: 'flag' };
  const variable = own(env, `${PREFIX}${name}`);
  if (variable !== undefined && saved === undefined) return { value: variable, origin: 'environment variable' };
  const ofEnvironment = own(environment, name);
  if (isScalar(ofEnvironment)) return { value: ofEnvironment, origin: 'environment' };
  const byDefault = own(fields, 'default');
  return isScalar(byDefault) ? { value: byDefault, origin: 'default' } : undefined;
}

interface Given {
  readonly value: Scalar;
  readonly origin: VariableOrigin;
}

const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);

interface Place {
  readonly project: LocatedDocument | undefined;
  readonly environment: string | undefined;
  /** Where the value stands in the Project, or the variable is declared. */
  readonly path: Path;
}

const pathOf = (name: string, { origin }: Given, environment: string | undefined): Path => {
  if (origin === 'environment') return ['spec', 'environments', environment!, 'variables', name];
  return origin === 'default' ? ['spec', 'variables', name, 'default'] : ['spec', 'variables', name];
};

/** In texts it would be another one: a version that is written 1.10 is the number 1.1. */
function otherThanWritten({ value, origin }: Given, { project, path }: Place): string | undefined {
  if (typeof value === 'string' || (origin !== 'default' && origin !== 'environment')) return undefined;
  const written = project?.writtenAt(path);
  if (written === undefined || written === String(value)) return undefined;
  return `is written ${written}, and stands for ${String(value)} in texts`;
}

const anotherValue = (name: string, type: string): string =>
  type === 'string'
    ? `Give ${name} another value`
    : `Give ${name} another value, or declare another type: ${name}: {type: string}`;

/** The value as its type has it, or why it has not. */
function asTyped({ value, origin }: Given, fields: Fields): { readonly value: Scalar } | string {
  const type = typeOf(fields);
  // What is said outside of files is text, whatever it means.
  const isText = origin === 'flag' || origin === 'environment variable';
  const read = isText ? fromText(String(value), type) : value;
  if (typeof read !== type) return `is ${shown(value)}, and must be ${own(typeWords, type) ?? type}`;
  if (typeof read === 'number' && Math.abs(read) > Number.MAX_SAFE_INTEGER)
    return `is ${shown(read)}, which is too large to keep all its digits`;
  if (typeof read !== 'string') return { value: read };
  if (read.length > forms.variableValue.maxLength) return `is longer than ${forms.variableValue.maxLength} characters`;
  return read.includes('${') ? 'has ${ in it, and the value of a variable is never looked into for others' : { value: read };
}

/** As it is declared, else that of its default. */
function typeOf(fields: Fields): string {
  const byDefault = own(fields, 'default');
  return String(own(fields, 'type') ?? (isScalar(byDefault) ? typeof byDefault : 'string'));
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text (put it in quotes)',
  number: 'a number',
  boolean: 'true or false',
};

function fromText(text: string, type: string): Scalar {
  if (type === 'number' && /^-?\d{1,15}(\.\d{1,9})?$/.test(text)) return Number(text);
  return type === 'boolean' && /^(true|false)$/.test(text) ? text === 'true' : text;
}

function wrongValue(
  name: string,
  { origin }: Given,
  { why, step, project, environment, path }: Place & { readonly why: string; readonly step: string },
): Diagnostic {
  const from: Readonly<Record<Exclude<VariableOrigin, 'plan'>, string>> = {
    flag: ' (--var)',
    'environment variable': ` (${PREFIX}${name})`,
    environment: ` in environment ${environment}`,
    default: '',
  };
  if (origin === 'plan') return valueOfPlan(name, why, project?.rangeOf(path));
  return problem('MP1048', project?.rangeOf(path), {
    detail: `the value of variable ${name}${own(from, origin)} ${why}`,
    nextSteps: [step],
  });
}

/** The Project has declared the variable in another way since. */
const valueOfPlan = (name: string, why: string, source: Diagnostic['source']): Diagnostic =>
  problem('MP3006', source, {
    detail: `the value of variable ${name} in the plan ${why}; nothing was changed`,
    nextSteps: ['make a new plan: migplan plan --out plan.json'],
  });

function environmentValues(project: LocatedDocument | undefined, environment: string | undefined, declared: readonly string[]) {
  const path = ['spec', 'environments', environment ?? '', 'variables'];
  const values = environment === undefined ? {} : fieldsAt(project, path);
  const unknown = Object.keys(values).filter((name) => !declared.includes(name));
  return { values, diagnostics: unknown.map((name) => undeclared(name, declared, project?.keyRangeOf([...path, name]))) };
}

function flagValues(flags: readonly string[], declared: readonly string[]) {
  const values = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  for (const flag of flags) {
    const [, name, value] = /^([^=]*)=([\s\S]*)$/.exec(flag) ?? [];
    if (name === undefined) diagnostics.push(noValue(flag));
    else if (!declared.includes(name))
      diagnostics.push({
        ...undeclared(name, declared, undefined),
        detail: `--var gives ${quoted(name)} a value, and the Project declares no such variable`,
      });
    else values.set(name, value!);
  }
  return { values, diagnostics };
}

/** Others than those of this Project are another one's business; one that is nearly a variable of it, which has no value from there, is a slip. */
function misspeltOnes(
  project: LocatedDocument | undefined,
  declared: readonly string[],
  env: GivenVariables['env'],
): Diagnostic[] {
  const isGiven = (name: string): boolean => own(env, `${PREFIX}${name}`) !== undefined;
  return Object.keys(env).flatMap((variable): Diagnostic[] => {
    const name = variable.startsWith(PREFIX) ? variable.slice(PREFIX.length) : '';
    const meant = declared.includes(name) ? undefined : nearest(name, declared);
    return name === '' || meant === undefined || isGiven(meant) ? [] : [misspelt(variable, meant, project)];
  });
}

const misspelt = (variable: string, meant: string, project: LocatedDocument | undefined): Diagnostic => ({
  ...problem('MP1042', project?.keyRangeOf(['spec', 'variables', meant]), {
    detail: `${variable} is set and gives no variable of the Project a value`,
    nextSteps: [`Did you mean ${PREFIX}${meant}?`],
  }),
  severity: 'warning',
});

const noValue = (flag: string): Diagnostic =>
  problem('MP1048', undefined, { detail: `--var ${quoted(flag)} has no =`, nextSteps: ['Write: --var NAME=VALUE'] });

/** `name` is used, or given a value, and is not declared. */
export function undeclared(name: string, declared: readonly string[], source: Diagnostic['source']): Diagnostic {
  const meant = nearest(name, declared);
  return problem('MP1042', source, {
    detail: `the Project declares no variable ${quoted(name)}`,
    nextSteps: [
      ...(meant ? [`Did you mean ${meant}?`] : []),
      declared.length === 0
        ? 'Declare it in the Project: variables: {NAME: {default: VALUE}}'
        : `Variables of the Project: ${declared.join(', ')}`,
    ],
  });
}
