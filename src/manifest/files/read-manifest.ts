import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { readInput, UnfitInput } from '../../host/read-input.js';
import type { LocatedDocument } from '../base/located.js';
import { problem } from '../base/problem.js';
import { whyUnreadable } from '../project/secret-ref.js';
import { type ParsedFile, parseYaml } from '../yaml/parse-yaml.js';

export const manifestBytesMax = 1024 * 1024;

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
  const read = await readManifestBytes(folder, file, shown);
  if ('diagnostics' in read) return { documents: [], diagnostics: read.diagnostics };
  const sha256 = createHash('sha256').update(read.bytes).digest('hex');
  return { sha256, ...parseManifest(read.bytes, shown) };
}

/** What is in such a file, as it is. */
export async function readManifestBytes(
  folder: string,
  file: string,
  shown: string,
): Promise<{ readonly bytes: Buffer } | { readonly diagnostics: readonly Diagnostic[] }> {
  try {
    return { bytes: await readInput(join(folder, file), { bytesMax: manifestBytesMax, within: folder }) };
  } catch (error) {
    const { message, nextStep } =
      error instanceof UnfitInput ? error : { message: whyUnreadable(error), nextStep: `Run: ls -l ${shown}` };
    return { diagnostics: [unreadable(shown, message, nextStep)] };
  }
}

/** The documents in the bytes of a file, or why there are none; `text` is absent when it is no text. */
export function parseManifest(bytes: Uint8Array, shown: string): ParsedFile & { readonly text?: string } {
  const text = decode(bytes);
  if (text !== undefined) return { text, ...parseYaml(shown, text) };
  return {
    documents: [],
    diagnostics: [unreadable(shown, 'it is not UTF-8 text', `Save it as UTF-8; see: file ${shown}`)],
  };
}

const unreadable = (shown: string, why: string, nextStep: string): Diagnostic =>
  problem('MP1012', undefined, { detail: `${shown} cannot be read: ${why}`, nextSteps: [nextStep] });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
