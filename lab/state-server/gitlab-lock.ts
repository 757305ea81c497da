import { jsonAnswer, type StateAnswer } from './exchange.js';
import type { GitLabCall } from './gitlab-call.js';
import type { StoredState } from './state-store.js';

/** What a lock request must name, empty or not. */
const required = ['ID', 'Operation', 'Info', 'Who', 'Version', 'Created', 'Path'];

export const serverError = jsonAnswer(500, { message: '500 Internal Server Error' });

/** Nobody's lock is held by one who names none; everything else must be the same. */
export const lockMatches = ({ lock }: StoredState, id: unknown): boolean => (lock?.ID ?? '') === String(id ?? '');

/**
 * POST …/lock. Not re-entrant. Of a lock GitLab keeps id, user and time, and answers with the rest as the caller sent it: who is refused
 * sees an operation of its own beside the holder's id.
 */
export function lockState({ store, name, caller, params }: GitLabCall): StateAnswer {
  const missing = required.filter((key) => params[key] === undefined);
  if (missing.length > 0) return jsonAnswer(400, { error: missing.map((key) => `${key} is missing`).join(', ') });
  if (params.ID === '') return serverError;
  const state = store.findOrCreate(name);
  const status = state.lock === undefined ? 200 : 409;
  state.lock ??= { ID: String(params.ID), Who: caller.user, Created: new Date().toISOString() };
  const { Operation, Info, Version, Path } = params;
  const { ID, Who, Created } = state.lock;
  return jsonAnswer(status, { Operation, Info, Version, Path, ID, Who, Created });
}

/** DELETE …/lock. Without an id it frees whatever is held; with one it must be held, and by that id. */
export function unlockState({ store, name, params }: GitLabCall): StateAnswer {
  const state = store.findOrCreate(name);
  if (params.ID !== undefined && !lockMatches(state, params.ID)) return jsonAnswer(409, null);
  state.lock = undefined;
  return jsonAnswer(200, null);
}
