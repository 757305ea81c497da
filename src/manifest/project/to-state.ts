import type { LocatedDocument, Path } from '../base/located.js';
import { parseDuration } from '../schema/forms.js';
import type { ProjectDocument } from '../schema/project-shape.js';
import type { StateConfig } from './project-config.js';
import { parseSecretRef, type SecretRef } from './secret-ref.js';
import { absolute, type ProjectLocation } from './to-provider.js';

const PATH: Path = ['spec', 'state'];

/** `spec.state` of a document that has passed its schema. */
export function toState(document: LocatedDocument, location: ProjectLocation): StateConfig {
  const { metadata, spec } = document.value as ProjectDocument;
  const { state = { type: 'local' } } = spec;
  if (state.type === 'local') return state;
  const ref = (field: 'url' | 'password', text: string): SecretRef =>
    parseSecretRef(text, { source: document.rangeOf([...PATH, field]), toAbsolute: (path) => absolute(path, location) })!;
  return {
    type: 'pg',
    url: ref('url', state.url),
    ...(state.password !== undefined && { password: ref('password', state.password) }),
    schema: state.schema ?? 'migplan',
    project: state.name ?? metadata.name,
    leaseMs: parseDuration(state.lease ?? '5m') * 1000,
    ...(state.caFile !== undefined && { caFile: absolute(state.caFile, location) }),
  };
}
