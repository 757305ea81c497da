import type { JsonObject, StateRequest } from './exchange.js';
import type { GitLabPerson } from './gitlab-access.js';
import type { StateStore } from './state-store.js';

/** One call of somebody who may make it. */
export interface GitLabCall {
  readonly store: StateStore;
  readonly name: string;
  readonly caller: GitLabPerson;
  readonly request: StateRequest;
  /** Of the query and of a JSON body, as GitLab mixes them; the body's come last and count. */
  readonly params: JsonObject;
  readonly stateBytesMax: number;
}
