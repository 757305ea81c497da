import type { BigIntStats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isBelow } from '../../../host/read-input.js';
import { own } from '../../../model/own.js';
import { ImageProblem } from './image-problem.js';

export interface ImageFile {
  /** All links followed. */
  readonly path: string;
  readonly facts: BigIntStats;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its symbolic links go round in a circle',
};

/** A regular file below one of the folders, with all links followed. ImageProblem when it is not. */
export async function locateImage(path: string, folders: readonly string[]): Promise<ImageFile> {
  try {
    const real = await realpath(path);
    const allowed = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
    if (!allowed.some((folder) => isBelow(folder, real)))
      throw new ImageProblem(`${path} is not below a folder that the Project names (machines, images) when links are followed`);
    const facts = await stat(real, { bigint: true });
    if (!facts.isFile()) throw new ImageProblem(`${path} is not a regular file`);
    return { path: real, facts };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new ImageProblem(`${path}: ${own(reasons, code) ?? `the system says ${code}`}`);
  }
}
