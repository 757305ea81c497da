import { stat } from 'node:fs/promises';
import { RECORD_KEY } from './claim.js';
import type { CloudControl } from './cloud-control.js';
import { firstDifference } from './same-bytes.js';

/** What makes a simulated cloud keep the bytes of each volume that a record calls complete. */
export const watchedClaims = { claim: { key: RECORD_KEY, pattern: '(^| )s=(clean|converted)( |$)' } };

/** A volume with what its metadata says, and the bytes behind it. */
export interface Testimony {
  readonly volumeId: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Changes whenever somebody writes to the volume, as far as that can be seen from outside. */
  mark(): Promise<string>;
  /** Where its first `bytes` differ from a raw file; undefined: nowhere. */
  differenceFrom(file: string, bytes: number): Promise<string | undefined>;
}

/** Whoever can look at a cloud's volumes behind its back. */
export interface Witness {
  /** Volumes as they were when their records were written; each is told once. */
  claims(): AsyncIterable<Testimony>;
  /** Volumes as they are now. */
  volumes(): Promise<readonly Testimony[]>;
}

export const simulatedWitness = (control: CloudControl): Witness => ({
  async *claims() {
    for (const claim of await control.claims()) {
      yield ofFile(claim);
      await control.forgetClaim(claim.number);
    }
  },
  volumes: async () => (await control.volumes()).map((volume) => ofFile({ ...volume, volumeId: volume.id })),
});

type FileOfVolume = Pick<Testimony, 'volumeId' | 'name' | 'metadata'> & { readonly file: string };

const ofFile = ({ volumeId, name, metadata, file }: FileOfVolume): Testimony => ({
  volumeId,
  name,
  metadata,
  mark: async () => {
    const there = await stat(file, { bigint: true }).catch(() => undefined);
    return `${there?.mtimeNs} ${there?.size} ${JSON.stringify(metadata)}`;
  },
  differenceFrom: (frozen, bytes) => differenceOf(frozen, file, bytes),
});

/** What cannot be compared is not found true either. */
const differenceOf = (frozen: string, volume: string, bytes: number): Promise<string | undefined> =>
  firstDifference(frozen, volume, bytes).catch(
    (error: { stderr?: string }) => `they cannot be compared: ${error.stderr?.trim() || String(error)}`,
  );
