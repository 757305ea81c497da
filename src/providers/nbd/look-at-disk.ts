import type { ChangeId } from '../../model/change-id.js';
import { ImageProblem } from './image/image-problem.js';
import { type Image, judgeImage, whoWrites } from './image/judge-image.js';
import type { MachineDisk } from './machine.js';

/** A disk as it is now. */
export interface LookedAt {
  /** Bytes; 0 with a problem. */
  readonly capacity: number;
  /** What it holds. Absent: nobody tells, as of an NBD export. */
  readonly content?: ChangeId;
  /** Why it cannot be read. */
  readonly problem?: string;
  /** Who has it open for writing. */
  readonly usedBy?: string;
  readonly image?: Image;
}

export interface Looking {
  /** Below which images lie. */
  readonly folders: readonly string[];
  /** As writtenByQemu has it. */
  readonly written: ReadonlySet<string>;
  /** Bytes of an NBD export. Rejects with why it cannot be read. */
  sizeOf(uri: string): Promise<number>;
}

/** Never throws for what a file or a server is like. */
export async function lookAtDisk({ location }: MachineDisk, looking: Looking): Promise<LookedAt> {
  try {
    if ('uri' in location) return { capacity: await looking.sizeOf(location.uri) };
    const image = await judgeImage(location, looking.folders);
    const usedBy = await whoWrites(image, looking.written);
    return { capacity: image.capacity, content: image.content, image, ...(usedBy === undefined ? {} : { usedBy }) };
  } catch (error) {
    if (!(error instanceof ImageProblem)) throw error;
    return { capacity: 0, problem: error.message };
  }
}
