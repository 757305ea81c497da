import { randomInt, randomUUID } from 'node:crypto';
import { type RunId, runId } from '../model/ids.js';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const RUN_ID_LENGTH = 12;

export const newRunId = (): RunId => runId(Array.from({ length: RUN_ID_LENGTH }, () => ALPHABET[randomInt(36)]).join(''));

export const newUuid = (): string => randomUUID();
