import { stat } from 'node:fs/promises';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { SourceRange } from '../../diag/source-range.js';
import { readInput, UnfitInput } from '../../host/read-input.js';
import { own } from '../../model/own.js';
import { nearest } from '../base/nearest.js';
import { problem } from '../base/problem.js';

/** Where a secret is; never the secret. `path` is absolute. `source` is the place in the manifest. */
export type SecretRef =
  | { readonly kind: 'env'; readonly name: string; readonly source: SourceRange }
  | { readonly kind: 'file'; readonly path: string; readonly source: SourceRange };

export type ResolvedSecret = { readonly text: string } | { readonly diagnostic: Diagnostic };

const secretBytesMax = 64 * 1024;
const othersMode = 0o077;

/**
 * Reads the secret now, so that one that is not needed is never read. The caller wraps the text at once. One line break at
 * the end of a file is not part of the secret. MP1015 when the variable is not set, or the file is missing, empty, too
 * large, or open to other users.
 */
export async function resolveSecret(ref: SecretRef, env: Readonly<Record<string, string | undefined>>): Promise<ResolvedSecret> {
  return ref.kind === 'env' ? fromEnvironment(ref, env) : fromFile(ref);
}

function fromEnvironment(
  { name, source }: SecretRef & { kind: 'env' },
  env: Readonly<Record<string, string | undefined>>,
): ResolvedSecret {
  const text = own(env, name);
  if (text !== undefined && text !== '') return { text };
  const set = Object.keys(env).filter((key) => key !== name && own(env, key));
  const meant = nearest(name, set);
  return {
    diagnostic: problem('MP1015', source, {
      detail: `the environment variable ${name} is ${text === '' ? 'empty' : 'not set'}`,
      nextSteps: [...(meant ? [`Did you mean env:${meant}? That one is set`] : []), `Set it before running: export ${name}=...`],
    }),
  };
}

async function fromFile({ path, source }: SecretRef & { kind: 'file' }): Promise<ResolvedSecret> {
  const refuse = (detail: string, nextStep: string): ResolvedSecret => ({
    diagnostic: problem('MP1015', source, { detail: `the secret file ${path} ${detail}`, nextSteps: [nextStep] }),
  });
  try {
    const { mode } = await stat(path);
    if ((mode & othersMode) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      return refuse(`is open to other users (mode ${octal})`, `Run: chmod 600 ${path}`);
    }
    const text = (await readInput(path, { bytesMax: secretBytesMax })).toString('utf8').replace(/\r?\n$/, '');
    return text === '' ? refuse('is empty', 'Write the secret into it') : { text };
  } catch (error) {
    if (error instanceof UnfitInput)
      return refuse(`cannot be read: ${error.message}`, 'Name a file with nothing but the secret in it');
    return refuse(`cannot be read: ${whyUnreadable(error)}`, 'Create it with the secret in it, and run: chmod 600 FILE');
  }
}

/** A file system error in plain words. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of its path is not a folder',
    ELOOP: 'its symbolic links go round in a circle',
  };
  if (code === undefined) throw error;
  return own(words, code) ?? `the system says ${code}`;
}

/** `env:NAME` or `file:/path` as a reference. `toAbsolute` places relative paths. Undefined: the text is neither. */
export function parseSecretRef(
  text: string,
  { source, toAbsolute }: { readonly source: SourceRange; readonly toAbsolute: (path: string) => string },
): SecretRef | undefined {
  if (text.startsWith('env:')) return { kind: 'env', name: text.slice('env:'.length), source };
  if (text.startsWith('file:')) return { kind: 'file', path: toAbsolute(text.slice('file:'.length)), source };
  return undefined;
}
