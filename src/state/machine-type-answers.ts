import { createHash } from 'node:crypto';
import type { ProviderIdentity } from '../contracts/provider.js';
import type { ProbedType } from '../model/machine-types/knowledge.js';
import type { StateDocument } from './backend/state-backend.js';

type Answers = Readonly<Record<string, ProbedType>>;

interface AnswersFile {
  readonly version: 1;
  /** For people, and to be sure: the document's name is a hash of it. */
  readonly cloud: string;
  readonly types: Answers;
}

/** Project and region too: which compute hosts a project's servers may land on can depend on both. */
const cloudName = ({ endpoint, region = '', id }: ProviderIdentity): string => `${endpoint} ${region} ${id}`;

const HASH_LENGTH = 16;

/** Name of what is known of one cloud. */
export const cloudHash = (cloud: ProviderIdentity): string =>
  createHash('sha256').update(cloudName(cloud)).digest('hex').slice(0, HASH_LENGTH);

/** Remembered answers for this cloud; none when there is no document, or it is damaged: probing again is always possible. */
export async function readMachineTypeAnswers(document: StateDocument, cloud: ProviderIdentity): Promise<Answers> {
  const text = await document.read();
  const file = text === undefined ? undefined : parse(text);
  return file?.version === 1 && file.cloud === cloudName(cloud) ? soundOnly(file.types) : {};
}

function parse(text: string): Partial<AnswersFile> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const soundOnly = (types: unknown): Answers =>
  Object.fromEntries(
    Object.entries(Object(types) as Record<string, Partial<ProbedType> | null>).filter(
      (entry): entry is [string, ProbedType] => typeof entry[1]?.runs === 'boolean' && typeof entry[1].at === 'string',
    ),
  );

/** Adds one answer; a later one for the same type replaces it. */
export async function rememberMachineType(
  document: StateDocument,
  cloud: ProviderIdentity,
  { type, ...answer }: ProbedType & { readonly type: string },
): Promise<void> {
  const types = { ...(await readMachineTypeAnswers(document, cloud)), [type]: answer };
  const file: AnswersFile = { version: 1, cloud: cloudName(cloud), types };
  await document.write(`${JSON.stringify(file, null, 2)}\n`);
}
