import { isProviderError } from '../../../contracts/provider-error.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';

/** Why a volume or snapshot went into error, from Cinder's user messages: the object itself does not say. Newest first. */
export async function failureReason(client: CloudClient, volume: string): Promise<string | undefined> {
  const messages = await listMessages(client, volume);
  const about = messages.filter((message) => message.at('resource_uuid').optionalText() === volume);
  const newest = about.toSorted((a, b) => timeOf(b) - timeOf(a))[0];
  return newest?.at('user_message').optionalText();
}

/** Reading messages is a courtesy: without the right to, or with a filter refused, there is just no reason to show. */
async function listMessages(client: CloudClient, volume: string): Promise<JsonCursor[]> {
  try {
    const answer = await client.ask({ service: 'volume', method: 'GET', path: '/messages', query: { resource_uuid: volume } });
    return answer.at('messages').list();
  } catch (error) {
    if (isProviderError(error)) return [];
    throw error;
  }
}

const timeOf = (message: JsonCursor): number => Date.parse(message.at('created_at').optionalText() ?? '') || 0;
