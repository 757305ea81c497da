import { isObject, jsonAnswer, jsonOf, type StateAnswer } from './exchange.js';
import type { GitLabCall } from './gitlab-call.js';
import { lockMatches, serverError } from './gitlab-lock.js';
import { latestOf } from './state-store.js';

/** GitLab keeps versions in a column of four bytes. */
const SERIAL_MAX = 2 ** 31 - 1;

/** A state that was locked and never written is there, and empty. */
export function readState({ store, name }: GitLabCall): StateAnswer {
  const state = store.find(name);
  if (state === undefined) return jsonAnswer(404, { message: '404 Not found' });
  const bytes = latestOf(state);
  if (bytes === undefined) return { status: 204 };
  return { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: bytes };
}

/** The serial is the version: one that is there is refused, and readers get the highest, whatever was written last. */
export function writeState({ store, name, request, params, stateBytesMax }: GitLabCall): StateAnswer {
  const { body } = request;
  if (body.length === 0) return { status: 204 };
  if (body.length > stateBytesMax) return jsonAnswer(413, { message: '413 Request Entity Too Large' });
  const content = jsonOf(body);
  if (content === undefined) return jsonAnswer(422, { message: 'invalid JSON' });
  const serial = isObject(content) ? content.serial : undefined;
  // A database would make a number of much else; nobody should count on it.
  if (!Number.isInteger(serial)) return jsonAnswer(422, { message: 'No serial in payload' });
  return stored({ store, name, id: params.ID, serial: serial as number, body });
}

interface Version {
  readonly store: GitLabCall['store'];
  readonly name: string;
  readonly id: unknown;
  readonly serial: number;
  readonly body: Buffer;
}

/** Whoever does not hold the lock, or names one that is not held, meets an error that no part of GitLab expects. */
function stored({ store, name, id, serial, body }: Version): StateAnswer {
  const state = store.findOrCreate(name);
  if (!lockMatches(state, id) || Math.abs(serial) > SERIAL_MAX) return serverError;
  if (state.versions.has(serial)) return jsonAnswer(422, { message: duplicate(serial) });
  state.versions.set(serial, body);
  return { status: 200 };
}

const duplicate = (serial: number): string =>
  'PG::UniqueViolation: ERROR:  duplicate key value violates unique constraint ' +
  `"index_terraform_state_versions_on_state_id_and_version"\nDETAIL:  Key (terraform_state_id, version)=(1, ${serial}) already exists.\n`;

/** A locked state stays, although the answer is the same. */
export function removeState({ store, name }: GitLabCall): StateAnswer {
  const state = store.find(name);
  if (state === undefined) return jsonAnswer(404, { message: '404 Not found' });
  if (state.lock === undefined) store.remove(name);
  return { status: 200 };
}
