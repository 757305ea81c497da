import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { runChild } from './child.js';
import { childEnvironment } from './child-environment.js';
import { findProgram } from './program.js';
import { openRunFolder } from './run-folder.js';

/** What a signature is for. One for the first is none for the second. */
export type SignatureNamespace = 'migplan-plan' | 'migplan-approval';

/** Whose signatures are believed, in OpenSSH's own files, as they were read. */
export interface Signers {
  readonly signers: Uint8Array;
  readonly revoked?: Uint8Array;
}

export interface ToVerify extends Signers {
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
  readonly namespace: SignatureNamespace;
}

/** `by`: the principal of the signers whose key it is. */
export type SignatureVerdict = { readonly by: string } | { readonly why: string };

const VERIFY_TIMEOUT_MS = 30_000;

/**
 * Whether `content` was signed by one of the signers, by ssh-keygen: it heeds namespaces, valid-after, valid-before and revoked
 * keys. A key that stands for several people, or for a pattern of them, is nobody's. Throws DiagnosticsError MP8001 without
 * ssh-keygen, ProgramTimeout after 30 s; ends early when the work is interrupted.
 */
export async function verifySignature({ content, signature, namespace, signers, revoked }: ToVerify): Promise<SignatureVerdict> {
  const program = await sshKeygen();
  await using folder = await openRunFolder();
  const file = (name: string): string => join(folder.path, name);
  await writeFile(file('signers'), signers);
  await writeFile(file('signature'), signature);
  if (revoked !== undefined) await writeFile(file('revoked'), revoked);
  const run = (action: string, args: readonly string[], input?: Uint8Array) =>
    runChild({
      program,
      args: ['-Y', action, '-f', file('signers'), '-s', file('signature'), ...args],
      timeoutMs: VERIFY_TIMEOUT_MS,
      ...(input === undefined ? {} : { bytes: input }),
    });

  const found = await run('find-principals', []);
  const names = [...new Set(found.stdout.split('\n').filter((line) => line !== ''))];
  if (found.status !== 0) return { why: `it is of none of the signers (${lastLine(found.stderr)})` };
  const [by] = names;
  if (by === undefined || names.length > 1 || /[*?!]/.test(by))
    return { why: `its key is not of one person: the signers have it as ${names.join(', ')}` };
  const args = ['-I', by, '-n', namespace];
  const believed = await run('verify', [...args, ...(revoked === undefined ? [] : ['-r', file('revoked')])], content);
  if (believed.status === 0) return { by };
  const isRevoked = revoked !== undefined && (await run('verify', args, content)).status === 0;
  return {
    why: isRevoked ? `the key of ${by} is revoked` : `it is no signature of ${by} for this (${lastLine(believed.stderr)})`,
  };
}

/**
 * Signs with a key file, or through an agent with a public one, by ssh-keygen, which asks at the terminal for a passphrase. The
 * private key is read by ssh-keygen alone. Throws DiagnosticsError MP3027 with what it said when nothing came of it, MP8001
 * without ssh-keygen.
 */
export async function signContent(content: Uint8Array, key: string, namespace: SignatureNamespace): Promise<Uint8Array> {
  const program = await sshKeygen();
  await using folder = await openRunFolder();
  const path = join(folder.path, 'content');
  await writeFile(path, content);
  // Not in a group of its own: only who is in the terminal's may ask there.
  const { exitCode, stderr } = await execa(program, ['-q', '-Y', 'sign', '-n', namespace, '-f', key, path], {
    // Without a terminal ssh-keygen would wait for a passphrase from whatever is there.
    stdio: [process.stdin.isTTY ? 'inherit' : 'ignore', 'ignore', 'pipe'],
    extendEnv: false,
    env: childEnvironment(),
    reject: false,
  });
  if (exitCode === 0) return readFile(`${path}.sig`);
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3027',
      detail: `ssh-keygen did not sign with ${key} (${lastLine(String(stderr))})`,
      nextSteps: [
        'name a private key, or the public one of a key that the agent holds; see: ssh-add -L',
        'without a terminal nobody can be asked for a passphrase: put the key into an agent before',
      ],
    },
  ]);
}

/** Which key made a signature: the first 16 hex digits of sha256 of the public one. undefined: it is no signature of OpenSSH. */
export function keyMark(signature: Uint8Array): string | undefined {
  const armour = /^-----BEGIN SSH SIGNATURE-----\s([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----\s*$/;
  const blob = Buffer.from(armour.exec(Buffer.from(signature).toString('latin1'))?.[1] ?? '', 'base64');
  // "SSHSIG", a version of four bytes, then the public key with its length before it.
  if (blob.subarray(0, 6).toString('latin1') !== 'SSHSIG' || blob.length < 14) return undefined;
  const publicKey = blob.subarray(14, 14 + blob.readUInt32BE(10));
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

async function sshKeygen(): Promise<string> {
  const program = await findProgram('ssh-keygen');
  if (program !== undefined) return program;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP8001',
      detail: 'ssh-keygen is not installed, which makes and verifies signatures',
      nextSteps: ['On Debian or Ubuntu: apt-get install openssh-client', 'On Fedora or RHEL: dnf install openssh-clients'],
    },
  ]);
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() || 'ssh-keygen does not say why';
