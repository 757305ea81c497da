import { createHash } from 'node:crypto';
import type { DocumentKind, DocumentName } from './state-backend.js';

/** One state of a server that keeps states by name. `project` says which project it is, `index` which documents there are. */
export interface StateName {
  readonly kind: DocumentKind | 'project' | 'index';
  /** Name of the document; '' of the two that there are once. */
  readonly of: string;
}

export const PROJECT: StateName = { kind: 'project', of: '' };
export const INDEX: StateName = { kind: 'index', of: '' };

export const stateOf = ({ kind, name }: DocumentName): StateName => ({ kind, of: name });

/** For people, and as a key. */
export const keyOf = ({ kind, of }: StateName): string => (of === '' ? kind : `${kind}/${of}`);

const PREFIXES: Readonly<Record<DocumentKind, string>> = {
  vms: 'vm',
  plans: 'plan',
  'machine-types': 'machine-types',
  'run-index': 'run-index',
};

/** No escape begins with it. */
const BREAK = '__';

/**
 * `PROJECT__vm-NAME` in letters, digits, `-` and `_` only, at most so long: NAME_LENGTH_MIN or more. One to one: a longer one ends with a
 * hash of it.
 */
export function spelled(project: string, state: StateName, lengthMax: number): string {
  const whole = `${escaped(project)}${BREAK}${within(state)}`;
  if (whole.length <= lengthMax) return whole;
  const hash = createHash('sha256').update(whole).digest('hex');
  return `${whole.slice(0, lengthMax - BREAK.length - hash.length)}${BREAK}${hash}`;
}

const within = ({ kind, of }: StateName): string =>
  kind === 'project' || kind === 'index' ? kind : `${PREFIXES[kind]}-${escaped(of)}`;

/** By units of UTF-16, so that halves of pairs differ too. */
const escaped = (name: string): string => name.replaceAll(/[^A-Za-z0-9-]/g, (unit) => codeOf(unit.charCodeAt(0)));

const codeOf = (unit: number): string => (unit < 0x100 ? `_${hex(unit, 2)}` : `_u${hex(unit, 4)}`);

const hex = (unit: number, digits: number): string => unit.toString(16).padStart(digits, '0');
