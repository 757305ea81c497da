import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeSigningKey, type SigningKey, signerLine } from '../../lab/harness/signing-keys.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { keyMark, signContent, verifySignature } from '../../src/host/ssh-signature.js';

const run = promisify(execFile);
const content = Buffer.from('{"plan": 1}\n');
let folder: string;
let alice: SigningKey;
let bob: SigningKey;
let signature: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sign-'));
  [alice, bob] = [await makeSigningKey(folder, 'alice'), await makeSigningKey(folder, 'bob')];
  signature = await signContent(content, alice.path, 'migplan-plan');
});
afterAll(() => rm(folder, { recursive: true }));

const verify = (signers: string, over: Partial<Parameters<typeof verifySignature>[0]> = {}) =>
  verifySignature({ content, signature, namespace: 'migplan-plan', signers: Buffer.from(signers), ...over });

describe('who signed', () => {
  test('is the principal of the key', async () => {
    expect(await verify(signerLine('alice@example.com', alice))).toEqual({ by: 'alice@example.com' });
    const limited = signerLine('alice@example.com', alice, 'namespaces="migplan-plan,migplan-approval"');
    expect(await verify(`# people\n\n${signerLine('bob@example.com', bob)}${limited}`)).toEqual({ by: 'alice@example.com' });
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['a key that nobody listed', () => verify(signerLine('bob@example.com', bob)), /none of the signers/],
    ['an empty list', () => verify(''), /none of the signers/],
    ['other bytes', () => verify(signerLine('a', alice), { content: Buffer.from('{"plan":1}\n') }), /no signature of a/],
    [
      'a signature for something else',
      () => verify(signerLine('a', alice), { namespace: 'migplan-approval' }),
      /namespace does not match/,
    ],
    ['a key listed for something else', () => verify(signerLine('a', alice, 'namespaces="git"')), /no signature of a for this/],
    ['a key after its time', () => verify(signerLine('a', alice, 'valid-before="20200101"')), /expired|none of the signers/],
    ['a key before its time', () => verify(signerLine('a', alice, 'valid-after="20990101"')), /none of the signers/],
    ['a revoked key', () => verify(signerLine('a', alice), { revoked: Buffer.from(alice.publicKey) }), /the key of a is revoked/],
    [
      'a list of revoked keys that is none',
      () => verify(signerLine('a', alice), { revoked: Buffer.from('junk\n') }),
      /revoked|no signature/,
    ],
    ['a key of everybody', () => verify(signerLine('*@example.com', alice)), /not of one person/],
    ['a key of two', () => verify(signerLine('a,b', alice)), /not of one person: the signers have it as a, b/],
    ['no signature at all', () => verify(signerLine('a', alice), { signature: Buffer.from('hello') }), /none of the signers/],
    ['an empty signature', () => verify(signerLine('a', alice), { signature: Buffer.alloc(0) }), /none of the signers/],
  ])('is nobody with %s', async (_name, judged, why) => {
    expect(await judged()).toEqual({ why: expect.stringMatching(why) as string });
  });

  test('is the first of two that share a key, never both', async () => {
    expect(await verify(signerLine('a', alice) + signerLine('b', alice))).toEqual({ by: 'a' });
  });

  test('is nobody any more when a KRL has the key', async () => {
    const krl = join(folder, 'krl');
    await run('ssh-keygen', ['-k', '-f', krl, `${alice.path}.pub`]);
    const revoked = await readFile(krl);
    expect(await verify(signerLine('a', alice), { revoked })).toEqual({ why: 'the key of a is revoked' });
    const other = await signContent(content, bob.path, 'migplan-plan');
    expect(await verify(signerLine('b', bob), { revoked, signature: other })).toEqual({ by: 'b' });
  });

  test('is known by the key that made the signature', async () => {
    expect(keyMark(signature)).toMatch(/^[0-9a-f]{16}$/);
    expect(keyMark(await signContent(Buffer.from('x'), alice.path, 'migplan-approval'))).toBe(keyMark(signature));
    expect(keyMark(await signContent(content, bob.path, 'migplan-plan'))).not.toBe(keyMark(signature));
    expect(keyMark(Buffer.from('hello'))).toBeUndefined();
  });
});

describe('signing', () => {
  /** What it says when nothing is signed. */
  async function refusal(work: Promise<unknown>): Promise<string> {
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DiagnosticsError);
    return (error as Error).message;
  }

  test('takes a key from an agent, by its public half alone', async () => {
    const { stdout } = await run('ssh-agent', ['-s']);
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)![1]);
    const socket = /SSH_AUTH_SOCK=([^;]+)/.exec(stdout)![1]!;
    onTestFinished(() => {
      process.kill(pid);
      vi.unstubAllEnvs();
    });
    vi.stubEnv('SSH_AUTH_SOCK', socket);
    const held = await makeSigningKey(folder, 'held');
    await run('ssh-add', ['-q', held.path]);
    await rm(held.path);
    const made = await signContent(content, `${held.path}.pub`, 'migplan-plan');
    expect(await verify(signerLine('held', held), { signature: made })).toEqual({ by: 'held' });
  });

  test('says what ssh-keygen said when there is no such key', async () => {
    expect(await refusal(signContent(content, join(folder, 'nobody'), 'migplan-plan'))).toMatch(/MP3027: .*No such file/);
  });

  test('does not wait for a passphrase that nobody can type', async () => {
    vi.stubEnv('SSH_ASKPASS_REQUIRE', 'never');
    vi.stubEnv('SSH_AUTH_SOCK', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    const locked = await makeSigningKey(folder, 'locked', 'a passphrase');
    expect(await refusal(signContent(content, locked.path, 'migplan-plan'))).toContain('MP3027');
  });

  test('refuses what is no key', async () => {
    const path = join(folder, 'no-key');
    await writeFile(path, 'hello\n', { mode: 0o600 });
    expect(await refusal(signContent(content, path, 'migplan-plan'))).toContain('MP3027');
  });
});
