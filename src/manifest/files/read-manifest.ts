import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { readInput, UnfitInput } from '../../host/read-input.js';
import type { LocatedDocument } from '../base/located.js';
import { problem } from '../base/problem.js';
import { whyUnreadable } from '../project/secret-ref.js';
import { parseYaml } from '../yaml/parse-yaml.js';

const manifestBytesMax = 1024 * 1024;

export interface ReadManifest {
  /** Hash of the bytes; absent when they could not be read. */
  readonly sha256?: string;
  readonly documents: readonly LocatedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads and parses one file below the project folder, or another one: a regular one, that is in it when all links are followed.
 * `shown`: how it is called in messages.
 */
export async function readManifest(folder: string, file: string, shown = file): Promise<ReadManifest> {
  const refuse = (detail: string, nextStep: string): ReadManifest => ({
    documents: [],
    diagnostics: [problem('MP1012', undefined, { detail: `${shown} cannot be read: ${detail}`, nextSteps: [nextStep] })],
  });
  try {
    const bytes = await readInput(join(folder, file), { bytesMax: manifestBytesMax, within: folder });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const text = decode(bytes);
    if (text === undefined) return { sha256, ...refuse('it is not UTF-8 text', `Save it as UTF-8; see: file ${shown}`) };
    return { sha256, ...parseYaml(shown, text) };
  } catch (error) {
    if (error instanceof UnfitInput) return refuse(error.message, 'Put a file with manifests there, or split a long one');
    return refuse(whyUnreadable(error), `Run: ls -l ${shown}`);
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
