import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './project-root.js';

/** One try of one request, as it left the command. */
export interface RecordedRequest {
  readonly method: string;
  /** With the service's own prefix: `/v3/PROJECT/volumes`. */
  readonly path: string;
  /** JSON; empty when there was none. */
  readonly body: string;
  /** HTTP status, or the code of what came instead of an answer. */
  readonly outcome: number | string;
}

/** Environment by which the command writes down its requests to OpenStack. */
export const recordingTo = (file: string): Readonly<Record<string, string>> => ({
  MIGPLAN_LAB_REQUESTS: file,
  NODE_OPTIONS: `--import=${pathToFileURL(join(projectRoot, 'dist/lab/harness/record-requests.js')).href}`,
});

/** What may have changed something. */
export const isWrite = ({ method }: RecordedRequest): boolean => method !== 'GET';

export async function recordedRequests(file: string): Promise<RecordedRequest[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as RecordedRequest);
}
