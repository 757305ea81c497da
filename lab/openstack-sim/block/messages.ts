import { isoMicroseconds } from '../clock.js';
import { type Cloud, projectOf } from '../cloud.js';
import type { AuthorizedCall } from '../wire/message.js';
import { type Route, secured } from '../wire/route.js';
import type { UserMessage, Volume } from './model.js';

const MESSAGES = 3;
const LIFETIME_MS = 30 * 86_400_000;

/** Leaves a message about a volume for its project. */
export function addMessage(cloud: Cloud, volume: Volume, what: { requestId: string; eventId: string; text: string }): void {
  cloud.block.messages.push({
    id: cloud.ids.uuid(),
    projectId: volume.projectId,
    resourceType: 'VOLUME',
    resourceId: volume.id,
    createdMs: cloud.clock.now(),
    ...what,
  });
}

/** `GET /messages`, newest first; filters resource_uuid, request_id and event_id from 3.5 on. */
export function messageRoutes(cloud: Cloud): Route[] {
  return [
    secured('GET', '/messages', (call) => ({ status: 200, body: { messages: listed(cloud, call).map(messageView) } }), MESSAGES),
  ];
}

const ownMessages = (cloud: Cloud, { token }: AuthorizedCall) =>
  cloud.block.messages.filter(({ projectId }) => projectId === projectOf(token).id);

function listed(cloud: Cloud, call: AuthorizedCall): UserMessage[] {
  const { query } = call;
  const wanted = (key: string, value: string) => !query.has(key) || query.get(key) === value;
  return ownMessages(cloud, call)
    .filter(
      (message) =>
        wanted('resource_uuid', message.resourceId) &&
        wanted('request_id', message.requestId) &&
        wanted('event_id', message.eventId),
    )
    .reverse();
}

const messageView = (message: UserMessage) => ({
  id: message.id,
  request_id: message.requestId,
  resource_type: message.resourceType,
  resource_uuid: message.resourceId,
  event_id: message.eventId,
  message_level: 'ERROR',
  user_message: message.text,
  created_at: isoMicroseconds(message.createdMs),
  guaranteed_until: isoMicroseconds(message.createdMs + LIFETIME_MS),
});
