import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSigningKey, type SigningKey, signerLine } from '../../lab/harness/signing-keys.js';
import { planIn, readPlanBytes } from '../../src/cli/read-plan.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { exitCodes } from '../../src/diag/exit-codes.js';
import { examineSignature, type PlanBytes, readApprovals } from '../../src/engine/trust/examine-plan.js';
import { judgeTrust } from '../../src/engine/trust/require-trust.js';
import { approvePlan, signPlan } from '../../src/engine/trust/sign-plan.js';
import type { TrustPolicy } from '../../src/model/trust-policy.js';
import { digestOf, encodePlanFile } from '../../src/plan/file/plan-file.js';
import { type Json, walk, withFlipped } from '../plan/json-leaves.js';
import { entries, samplePlan } from '../plan/sample-plan.js';

// Goal: of what was signed and approved nothing can be changed unnoticed, not in one place. Method: every leaf, and every byte of what
// is signed, is changed by itself; `verify` and `apply` ask the same functions.
const NOON = new Date('2026-06-01T12:00:00Z');
const plan = samplePlan([entries.cutover], { environment: 'prod' });
/** Each starts ssh-keygen twice. */
const AT_ONCE = 4;
let folder: string;
let path: string;
let [ci, alice, mallory] = [] as SigningKey[];
let trust: TrustPolicy;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tampered-'));
  path = join(folder, 'plan.json');
  [ci, alice, mallory] = await Promise.all(['ci', 'alice', 'mallory'].map((name) => makeSigningKey(folder, name)));
  trust = {
    name: 'production',
    file: 'trust.yaml',
    digest: 'd'.repeat(64),
    signers: Buffer.from(signerLine('ci', ci!) + signerLine('alice', alice!)),
    unsigned: false,
    signedBy: ['ci'],
    flags: { allowCutover: false, autoApprove: false },
    approvals: [{ actions: ['cutover'], by: ['alice'], count: 1, signerMayApprove: false }],
    rules: { of: 'the trust policy "production"', places: {} },
  };
  await writeFile(path, encodePlanFile(plan));
  await signPlan(await readPlanBytes(path), ci!.path);
});
afterAll(() => rm(folder, { recursive: true }));

/** Exit code and code of the refusal; undefined: it was let pass. */
async function refusal(work: () => unknown): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    return `${error.exit} ${error.diagnostics.map(({ code }) => code).join()}`;
  }
}

/** Those of which `passes` says so. */
async function thatPass<T>(all: readonly T[], passes: (one: T) => Promise<boolean>): Promise<T[]> {
  const left = [...all];
  const found: T[] = [];
  const work = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) if (await passes(one)) found.push(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

const bytesOf = (value: unknown): PlanBytes => ({ path, bytes: Buffer.from(`${JSON.stringify(value, null, 2)}\n`) });

/** What somebody writes who knows how the digest is made, and has no key. */
function forged(at: readonly (string | number)[]): PlanBytes {
  const { digest, ...body } = plan;
  if (at[0] === 'digest') return bytesOf({ ...body, digest: `${digest.slice(0, -1)}${digest.endsWith('0') ? '1' : '0'}` });
  const changed = withFlipped(body, at);
  return bytesOf({ ...changed, digest: digestOf(changed) });
}

test('a plan that differs in one leaf has no signature any more, though its digest fits', async () => {
  await expect(examineSignature(await readPlanBytes(path), trust)).resolves.toMatchObject({ signedBy: 'ci' });
  const { leaves } = walk(JSON.parse(encodePlanFile(plan)) as Json);
  expect(leaves.length).toBeGreaterThan(100);
  const isBelieved = async (at: (string | number)[]) =>
    (await refusal(() => examineSignature(forged(at), trust))) !== `${exitCodes.planRefused} MP3022`;
  expect(await thatPass(leaves, isBelieved)).toEqual([]);
});

test('without a policy it is refused by its digest, or by what it says of itself', async () => {
  const { leaves } = walk(JSON.parse(encodePlanFile(plan)) as Json);
  const isBelieved = async (at: (string | number)[]) => {
    const found = await refusal(() => planIn(bytesOf(withFlipped(plan, at))));
    return found !== `${exitCodes.planRefused} MP3002` && found !== `${exitCodes.planRefused} MP3015`;
  };
  expect(await thatPass(leaves, isBelieved)).toEqual([]);
});

const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';

const blobOf = (armour: string): Buffer => Buffer.from(armour.replace(BEGIN, '').replace(END, ''), 'base64');
const armourOf = (blob: Buffer): string => `${BEGIN}\n${blob.toString('base64').replace(/(.{70})/g, '$1\n')}\n${END}\n`;

/** The same with one byte changed, by its top bit: ssh-keygen takes a version that is lower than the one it knows. */
function changedAt(blob: Buffer, at: number): Buffer {
  const changed = Buffer.from(blob);
  changed[at]! ^= 0x80;
  return changed;
}

/** Each of the magic, the version and the first length; of key, namespace, hash and signature every fifth, since each try starts programs. */
const tried = (blob: Buffer): number[] => [...blob.keys()].filter((at) => at < 14 || at % 5 === 0);

test('every part of a signature counts: magic, version, key, namespace, hash and the signature itself', async () => {
  const armour = await readFile(`${path}.sig`, 'latin1');
  const blob = blobOf(armour);
  const tampered = join(folder, 'bytes.json');
  const believed: number[] = [];
  try {
    await writeFile(`${tampered}.sig`, armourOf(blob));
    const { bytes } = await readPlanBytes(path);
    expect(await refusal(() => examineSignature({ path: tampered, bytes }, trust))).toBeUndefined();
    for (const at of tried(blob)) {
      await writeFile(`${tampered}.sig`, armourOf(changedAt(blob, at)));
      if ((await refusal(() => examineSignature({ path: tampered, bytes }, trust))) !== '4 MP3022') believed.push(at);
    }
  } finally {
    await rm(`${tampered}.sig`, { force: true });
  }
  expect(believed).toEqual([]);
});

/** Whether the cutover is approved by what lies beside the plan now. */
async function isApproved(): Promise<boolean> {
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const signature = { sha256, signedBy: 'ci' };
  const approvals = await readApprovals(path, trust);
  return judgeTrust(plan, { trust, signature, approvals }, { now: NOON, begun: [], allowCutover: false }).coversCutover;
}

test('an approval that differs in one leaf approves nothing: plan, digest, environment, actions, times', async () => {
  const given = { key: alice!.path, validMs: 3_600_000, now: NOON };
  const { file, statement } = await approvePlan(await readPlanBytes(path), plan, given);
  expect(await isApproved()).toBe(true);
  const { leaves } = walk(JSON.parse(JSON.stringify(statement)) as Json);
  expect(new Set(leaves.map(([name]) => name))).toEqual(new Set(Object.keys(statement)));
  const text = await readFile(file, 'utf8');
  for (const at of leaves) {
    await writeFile(file, `${JSON.stringify(withFlipped(statement, at), null, 2)}\n`);
    expect(await isApproved(), at.join('.')).toBe(false);
  }
  await writeFile(file, text);
  expect(await isApproved()).toBe(true);
});

test('an approval that another key signs, or that is signed for another use, approves nothing', async () => {
  const [name] = (await readdir(`${path}.approvals`)).filter((one) => one.endsWith('.json'));
  const file = join(`${path}.approvals`, name!);
  const signed = (key: SigningKey, namespace: string) =>
    rm(`${file}.sig`, { force: true }).then(() =>
      promisify(execFile)('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', key.path, file]),
    );
  for (const [key, namespace] of [
    [mallory!, 'migplan-approval'],
    [ci!, 'migplan-approval'],
    [alice!, 'migplan-plan'],
  ] as const) {
    await signed(key, namespace);
    expect(await isApproved(), namespace).toBe(false);
  }
  await signed(alice!, 'migplan-approval');
  expect(await isApproved()).toBe(true);
});
