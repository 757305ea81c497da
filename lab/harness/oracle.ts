import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type ClaimedState, claimedState, RECORD_KEY } from './claim.js';
import type { CloudControl } from './cloud-control.js';
import { snapshotOf, type Truth } from './truth.js';

const run = promisify(execFile);

/** What makes a simulated cloud keep the bytes of each volume that a record calls complete. */
export const watchedClaims = { claim: { key: RECORD_KEY, pattern: '(^| )s=(clean|converted)( |$)' } };

interface Said {
  readonly volumeId: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly file: string;
}

const watching = new Set<Oracle>();

/** All that watch in this process judge now. */
export async function judgeAll(): Promise<void> {
  for (const oracle of watching) await oracle.judge();
}

/**
 * Knows what the source held, and therefore whether a record speaks the truth. The cloud keeps the bytes of a volume at the
 * moment its record becomes clean, before the writer is answered; `judge` compares all that came together since it was asked
 * last, and then the volumes as they are now. It stops watching when disposed, with a last judgement.
 */
export class Oracle implements AsyncDisposable {
  /** Volumes as they were when they were found true. */
  private readonly known = new Map<string, string>();

  constructor(
    private readonly cloud: CloudControl,
    private readonly truth: Truth,
  ) {
    watching.add(this);
  }

  /** Throws with a line for each volume whose record says clean and whose bytes are not those of its snapshot. */
  async judge(): Promise<void> {
    const lies: string[] = [];
    for (const claim of await this.cloud.claims()) {
      lies.push(...(await this.lieOf(claim, 'when its record was written')));
      await this.cloud.forgetClaim(claim.number);
    }
    for (const { id, name, metadata, file } of await this.cloud.volumes()) {
      const mark = await markOf(file, metadata);
      if (this.known.get(id) === mark) continue;
      lies.push(...(await this.lieOf({ volumeId: id, name, metadata, file }, 'now')));
      this.known.set(id, mark);
    }
    if (lies.length > 0) throw new Error(`the oracle: ${lies.join('\nthe oracle: ')}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    watching.delete(this);
    await this.judge();
  }

  private async lieOf(said: Said, when: string): Promise<string[]> {
    const claim = claimedState(said.metadata);
    if (claim === undefined || !this.isAboutBytes(claim)) return [];
    const why = await whyFalse(claim, this.truth, (frozen) => firstDifference(frozen, said.file, claim.capacity));
    return why === undefined ? [] : [`volume ${said.name}, ${when}, said "${said.metadata[RECORD_KEY]}", and ${why}`];
  }

  private isAboutBytes = ({ state }: ClaimedState): boolean =>
    state === 'clean' || (state === 'converted' && this.truth.finalIsCopy);
}

/** `difference` tells where the volume differs from a file of frozen bytes. */
export async function whyFalse(
  claim: ClaimedState,
  truth: Truth,
  difference: (frozenFile: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const frozen = snapshotOf(claim, await truth.frozen(claim));
  if (frozen === undefined) return `run ${claim.run} took no snapshot of disk ${claim.diskKey} for cycle ${claim.cycle}`;
  if (frozen.changeId !== claim.changeId) {
    return `its changeID is "${claim.changeId}" where snapshot ${frozen.snapshotName} has "${frozen.changeId}"`;
  }
  const found = await difference(frozen.file);
  return found && `its bytes are not those of snapshot ${frozen.snapshotName}: ${found}`;
}

/** Changes whenever somebody writes to the file. */
async function markOf(file: string, metadata: Readonly<Record<string, string>>): Promise<string> {
  const there = await stat(file, { bigint: true }).catch(() => undefined);
  return `${there?.mtimeNs} ${there?.size} ${JSON.stringify(metadata)}`;
}

/** Reads only what one of the files has allocated. */
async function firstDifference(frozen: string, volume: string, bytes: number): Promise<string | undefined> {
  const part = (file: string): string => `driver=raw,size=${bytes},file.driver=file,file.filename=${file.replaceAll(',', ',,')}`;
  try {
    await run('qemu-img', ['compare', '-U', '--image-opts', part(frozen), part(volume)]);
    return undefined;
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
    return (code === 1 && stdout.trim()) || `they cannot be compared: ${stderr.trim() || String(error)}`;
  }
}
