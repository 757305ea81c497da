import type { Answer, ConformanceClient } from './client.js';

/** One observed behaviour of a cloud. `run` leaves nothing behind and returns what was seen, to be compared with `expected`. */
export interface ConformanceRow {
  /** Area, such as `metadata`. */
  readonly area: string;
  readonly name: string;
  /** Short text; ids in it are written `<id>`. */
  readonly expected: string;
  readonly run: () => Promise<string>;
}

/** An answer in one line: `400 badRequest: text`, `200`, or `200 {"a":1}` with the part asked for. */
export function brief(answer: Answer, part?: (body: Answer['body']) => unknown): string {
  const { status, body } = answer;
  if (status >= 400) return withoutIds(`${status} ${problemOf(body)}`);
  return part === undefined ? String(status) : withoutIds(`${status} ${JSON.stringify(part(body))}`);
}

function problemOf(body: Answer['body']): string {
  if (typeof body !== 'object' || body === null) return 'page';
  const [name, content] = Object.entries(body)[0] as [string, { message?: string; type?: string }];
  return `${content.type ?? name}: ${content.message}`;
}

export const withoutIds = (text: string): string =>
  text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>');

const TRIES_MAX = 200;

/** Reads until the value satisfies, at most so many times. Rejects with the last value seen. */
export async function until<T>(client: ConformanceClient, read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  let value = await read();
  for (let tries = 0; !isDone(value); tries++) {
    if (tries === TRIES_MAX) throw new Error(`waited in vain; last seen: ${JSON.stringify(value)}`);
    await client.pause();
    value = await read();
  }
  return value;
}

export const volumeStatus = async (client: ConformanceClient, id: string): Promise<string> =>
  (await client.call('volumev3', 'GET', `/volumes/${id}`)).body.volume?.status ?? 'gone';

/** Makes a volume of 1 GiB, waits for it, and removes it with all its attachments afterwards. */
export async function withVolume<T>(client: ConformanceClient, use: (id: string) => Promise<T>, fields: object = {}): Promise<T> {
  const made = await client.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1, ...fields } }, version: '3.52' });
  if (made.status !== 202) throw new Error(`a volume for the row was refused: ${brief(made)}`);
  const id: string = made.body.volume.id;
  await until(
    client,
    () => volumeStatus(client, id),
    (status) => status !== 'creating',
  );
  try {
    return await use(id);
  } finally {
    await removeVolume(client, id);
  }
}

async function removeVolume(client: ConformanceClient, id: string): Promise<void> {
  const { body } = await client.call('volumev3', 'GET', `/attachments?volume_id=${id}`, { version: '3.27' });
  for (const attachment of body.attachments ?? []) {
    await client.call('volumev3', 'DELETE', `/attachments/${attachment.id}`, { version: '3.27' });
  }
  await client.call('volumev3', 'DELETE', `/volumes/${id}?cascade=true`);
  await until(
    client,
    () => volumeStatus(client, id),
    (status) => status === 'gone',
  );
}

/** Posts a volume action. */
export const act = (client: ConformanceClient, id: string, action: object, version?: string): Promise<Answer> =>
  client.call('volumev3', 'POST', `/volumes/${id}/action`, { body: action, ...(version !== undefined && { version }) });
