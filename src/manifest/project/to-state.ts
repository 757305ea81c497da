import type { LocatedDocument, Path } from '../base/located.js';
import { parseDuration } from '../schema/forms.js';
import type { ProjectDocument } from '../schema/project-shape.js';
import type { HttpStateConfig, PgStateConfig, StateConfig } from './project-config.js';
import { parseSecretRef, type SecretRef } from './secret-ref.js';
import { absolute, type ProjectLocation } from './to-provider.js';

export const STATE_PATH: Path = ['spec', 'state'];

export type StateDocument = NonNullable<ProjectDocument['spec']['state']>;
type StateOf<T extends StateDocument['type']> = Extract<StateDocument, { readonly type: T }>;

interface Reading {
  /** metadata.name. */
  readonly name: string;
  readonly toAbsolute: (path: string) => string;
  /** undefined: the text is no reference. */
  readonly ref: (field: string, text: string) => SecretRef | undefined;
}

/** `spec.state` of a document that has passed its schema, and readState. */
export function toState(document: LocatedDocument, location: ProjectLocation): StateConfig {
  const { metadata, spec } = document.value as ProjectDocument;
  const { state = { type: 'local' } } = spec;
  const toAbsolute = (path: string): string => absolute(path, location);
  const ref: Reading['ref'] = (field, text) =>
    parseSecretRef(text, { source: document.rangeOf([...STATE_PATH, field]), toAbsolute });
  const reading = { name: metadata.name, toAbsolute, ref };
  if (state.type === 'local') return state;
  return state.type === 'pg' ? toPg(state, reading) : toHttp(state, reading);
}

const toPg = (state: StateOf<'pg'>, { name, toAbsolute, ref }: Reading): PgStateConfig => ({
  type: 'pg',
  url: ref('url', state.url)!,
  ...(state.password !== undefined && { password: ref('password', state.password)! }),
  schema: state.schema ?? 'migplan',
  project: state.name ?? name,
  leaseMs: parseDuration(state.lease ?? '5m') * 1000,
  ...(state.caFile !== undefined && { caFile: toAbsolute(state.caFile) }),
});

function toHttp(state: StateOf<'http'>, { name, toAbsolute, ref }: Reading): HttpStateConfig {
  const { address, lockAddress = address, unlockAddress = lockAddress, user, password } = state;
  return {
    type: 'http',
    ...{ address, lockAddress, unlockAddress },
    lockMethod: state.lockMethod ?? 'LOCK',
    unlockMethod: state.unlockMethod ?? 'UNLOCK',
    ...(user !== undefined &&
      password !== undefined && { login: { user: ref('user', user) ?? user, password: ref('password', password)! } }),
    project: state.name ?? name,
    ...(state.caFile !== undefined && { caFile: toAbsolute(state.caFile) }),
  };
}
