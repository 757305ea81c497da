import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { LocatedDocument } from './located.js';
import { parseYaml } from './parse-yaml.js';
import { problem } from './problem.js';
import { whyUnreadable } from './secret-ref.js';

const manifestBytesMax = 1024 * 1024;

export interface ReadManifest {
  /** Hash of the bytes; absent when they could not be read. */
  readonly sha256?: string;
  readonly documents: readonly LocatedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and parses one file below the project folder. */
export async function readManifest(folder: string, file: string): Promise<ReadManifest> {
  const refuse = (detail: string, nextStep: string): ReadManifest => ({
    documents: [],
    diagnostics: [problem('MP1012', undefined, { detail: `${file} cannot be read: ${detail}`, nextSteps: [nextStep] })],
  });
  try {
    const { size } = await stat(join(folder, file));
    if (size > manifestBytesMax) return refuse(`it has ${size} bytes, and at most ${manifestBytesMax} are read`, 'Split it');
    const bytes = await readFile(join(folder, file));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const text = decode(bytes);
    if (text === undefined) return { sha256, ...refuse('it is not UTF-8 text', `Save it as UTF-8; see: file ${file}`) };
    return { sha256, ...parseYaml(file, text) };
  } catch (error) {
    return refuse(whyUnreadable(error), `Run: ls -l ${file}`);
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
