import { type ClaimedState, claimedState, RECORD_KEY } from './claim.js';
import { snapshotOf, type Truth } from './truth.js';
import type { Testimony, Witness } from './witness.js';

const watching = new Set<Oracle>();

/** All that watch in this process judge now. */
export async function judgeAll(): Promise<void> {
  for (const oracle of watching) await oracle.judge();
}

/**
 * Knows what the source held, and therefore whether a record speaks the truth. A simulated cloud keeps the bytes of a volume at
 * the moment its record becomes clean, before the writer is answered; `judge` compares all that came together since it was asked
 * last, and then the volumes as they are now. It stops watching when disposed, with a last judgement.
 */
export class Oracle implements AsyncDisposable {
  /** Volumes as they were when they were found true. */
  private readonly known = new Map<string, string>();

  constructor(
    private readonly witness: Witness,
    private readonly truth: Truth,
  ) {
    watching.add(this);
  }

  /** Throws with a line for each volume whose record says clean and whose bytes are not those of its snapshot. */
  async judge(): Promise<void> {
    const lies = await this.lies();
    if (lies.length > 0) throw new Error(`the oracle: ${lies.join('\nthe oracle: ')}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    watching.delete(this);
    await this.judge();
  }

  private async lies(): Promise<string[]> {
    const lies: string[] = [];
    for await (const claim of this.witness.claims()) lies.push(...(await this.lieOf(claim, 'when its record was written')));
    for (const volume of await this.witness.volumes()) {
      const mark = await volume.mark();
      if (this.known.get(volume.volumeId) === mark) continue;
      lies.push(...(await this.lieOf(volume, 'now')));
      this.known.set(volume.volumeId, mark);
    }
    return lies;
  }

  private async lieOf(said: Testimony, when: string): Promise<string[]> {
    const claim = claimedState(said.metadata);
    if (claim === undefined || !this.isAboutBytes(claim)) return [];
    const why = await this.whyFalse(claim, said);
    return why === undefined ? [] : [`volume ${said.name}, ${when}, said "${said.metadata[RECORD_KEY]}", and ${why}`];
  }

  private isAboutBytes = ({ state }: ClaimedState): boolean =>
    state === 'clean' || (state === 'converted' && this.truth.finalIsCopy);

  private async whyFalse(claim: ClaimedState, said: Testimony): Promise<string | undefined> {
    const frozen = snapshotOf(claim, await this.truth.frozen(claim));
    if (frozen === undefined) return `run ${claim.run} took no snapshot of disk ${claim.diskKey} for cycle ${claim.cycle}`;
    if (frozen.changeId !== claim.changeId) {
      return `its changeID is "${claim.changeId}" where snapshot ${frozen.snapshotName} has "${frozen.changeId}"`;
    }
    const found = await said.differenceFrom(frozen.file, claim.capacity);
    return found && `its bytes are not those of snapshot ${frozen.snapshotName}: ${found}`;
  }
}
