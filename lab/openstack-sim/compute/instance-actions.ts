import { isoMicroseconds } from '../clock.js';
import type { Cloud } from '../cloud.js';
import type { AuthorizedCall } from '../wire/message.js';
import { type Route, secured } from '../wire/route.js';
import { findServer } from './find-server.js';
import type { InstanceAction, Server } from './model.js';

/** Notes that something was asked of the server, with the one event that carries it out. */
export function beginAction(
  cloud: Cloud,
  server: Server,
  what: { action: string; event: string; call: AuthorizedCall },
): InstanceAction {
  const startMs = cloud.clock.now();
  const action: InstanceAction = {
    action: what.action,
    requestId: what.call.requestId,
    userId: what.call.token.user.id,
    startMs,
    message: null,
    events: [{ event: what.event, startMs, finishMs: null, result: null }],
  };
  server.actions.push(action);
  return action;
}

export function finishAction(cloud: Cloud, action: InstanceAction, result: 'Success' | 'Error'): void {
  const event = action.events[0];
  if (event === undefined) return;
  event.finishMs = cloud.clock.now();
  event.result = result;
  if (result === 'Error') action.message = 'Error';
}

export function instanceActionRoutes(cloud: Cloud): Route[] {
  return [
    secured('GET', '/servers/{id}/os-instance-actions', (call) => {
      const server = findServer(cloud, call);
      return {
        status: 200,
        body: { instanceActions: [...server.actions].reverse().map((action) => actionView(server, action)) },
      };
    }),
  ];
}

const actionView = ({ id, projectId }: Server, action: InstanceAction) => ({
  action: action.action,
  instance_uuid: id,
  request_id: action.requestId,
  user_id: action.userId,
  project_id: projectId,
  start_time: isoMicroseconds(action.startMs),
  message: action.message,
});
