import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { type RunId, runId } from '../model/ids.js';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const RUN_ID_LENGTH = 12;

export const newRunId = (): RunId => runId(Array.from({ length: RUN_ID_LENGTH }, () => ALPHABET[randomInt(36)]).join(''));

export const newUuid = (): string => randomUUID();

const SEED_BYTES = 16;

/** What draws are made from: another one each time, so that nobody can tell where a comparison will look. */
export const newSeed = (): string => randomBytes(SEED_BYTES).toString('hex');

const UINT48 = 2 ** 48;
const NUMBER_BYTES = 6;

/** Whole numbers below a bound (at most 2^48), each as likely as any other; the same sequence for the same seed. */
export function drawFrom(seed: string): (below: number) => number {
  let block = Buffer.alloc(0);
  let [blockNumber, at] = [0, 0];
  const next = (): number => {
    if (at + NUMBER_BYTES > block.length) {
      block = createHash('sha256').update(`${seed}/${blockNumber}`).digest();
      [blockNumber, at] = [blockNumber + 1, 0];
    }
    at += NUMBER_BYTES;
    return block.readUIntBE(at - NUMBER_BYTES, NUMBER_BYTES);
  };
  return (below) => {
    // What is left over at the end would make small numbers more likely.
    const fair = UINT48 - (UINT48 % below);
    let number = next();
    while (number >= fair) number = next();
    return number % below;
  };
}
