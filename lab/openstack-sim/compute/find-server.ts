import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import { type AuthorizedCall, conflict, notFound } from '../wire/message.js';
import type { Server } from './model.js';

export const serverNotFound = (id: string) => notFound(`Instance ${id} could not be found.`);

/** The server named by `{id}` in the path; another project's is 404. */
export function findServer(cloud: Cloud, { token, params }: AuthorizedCall): Server {
  const id = params['id'] as string;
  const server = cloud.compute.servers.get(id);
  if (server === undefined || (!isAdmin(token) && server.projectId !== projectOf(token).id)) throw serverNotFound(id);
  return server;
}

const vmStates = { BUILD: 'building', ACTIVE: 'active', SHUTOFF: 'stopped', ERROR: 'error' } as const;

export const vmStateOf = ({ status }: Server): string => vmStates[status];

/** Refuses with 409 when the server is in another state or has something under way. */
export function requireState(server: Server, action: string, states: readonly Server['status'][]): void {
  const cannot = `Cannot '${action}' instance ${server.id} while it is in`;
  if (server.taskState !== null) throw conflict(`${cannot} task_state ${server.taskState}`);
  if (!states.includes(server.status)) throw conflict(`${cannot} vm_state ${vmStateOf(server)}`);
}
