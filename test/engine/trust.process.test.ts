import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeSigningKey, type SigningKey, signerLine } from '../../lab/harness/signing-keys.js';
import { planIn, readPlanBytes } from '../../src/cli/read-plan.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { examineSignature, readApprovals } from '../../src/engine/trust/examine-plan.js';
import { judgeTrust } from '../../src/engine/trust/require-trust.js';
import { approvePlan, signPlan } from '../../src/engine/trust/sign-plan.js';
import type { TrustPolicy } from '../../src/model/trust-policy.js';
import { encodePlanFile } from '../../src/plan/file/plan-file.js';
import { entries, samplePlan } from '../plan/sample-plan.js';

const HOUR_MS = 3_600_000;
const NOON = new Date('2026-06-01T12:00:00Z');
const plan = samplePlan([entries.cutover], { environment: 'prod' });
let keys: string;
let folder: string;
let path: string;
let [ci, alice, alice2, bob, mallory] = [] as SigningKey[];
let trust: TrustPolicy;

beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'trust-keys-'));
  [ci, alice, alice2, bob, mallory] = await Promise.all(
    ['ci', 'alice', 'alice2', 'bob', 'mallory'].map((name) => makeSigningKey(keys, name)),
  );
  const signers = [
    signerLine('ci', ci!, 'namespaces="migplan-plan"'),
    ...[alice!, alice2!].map((key) => signerLine('alice', key)),
    signerLine('bob', bob!, 'namespaces="migplan-approval"'),
  ];
  trust = {
    name: 'production',
    file: 'trust.yaml',
    digest: 'd'.repeat(64),
    signers: Buffer.from(signers.join('')),
    unsigned: false,
    signedBy: ['ci', 'alice'],
    flags: { allowCutover: false, autoApprove: false },
    approvals: [{ actions: ['cutover'], by: ['alice', 'bob'], count: 2, signerMayApprove: false }],
    rules: { of: 'the trust policy "production"', places: {} },
  };
});
afterAll(() => rm(keys, { recursive: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(keys, 'plan-'));
  path = join(folder, 'plan.json');
  await writeFile(path, encodePlanFile(plan));
});

const sign = async (key: SigningKey): Promise<string> => signPlan(await readPlanBytes(path), key.path);
const approve = async (key: SigningKey, over: object = {}): Promise<string> =>
  (await approvePlan(await readPlanBytes(path), plan, { key: key.path, validMs: 8 * HOUR_MS, now: NOON, ...over })).file;

/** What the policy makes of what lies there: refused codes, and who counts for the cutover. */
async function judged(over: Partial<TrustPolicy> = {}, now = NOON) {
  const policy = { ...trust, ...over };
  const file = await readPlanBytes(path);
  const signature = await examineSignature(file, policy);
  const approvals = await readApprovals(path, policy);
  const verdict = judgeTrust(planIn(file), { trust: policy, signature, approvals }, { now, begun: [], allowCutover: false });
  const by = verdict.requirements.find(({ kind }) => kind === 'cutover')?.approvedBy ?? [];
  return { codes: verdict.refusals.map(({ code }) => code), by, why: verdict.ignored.map(({ why }) => why) };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DiagnosticsError);
  return (error as Error).message;
}

describe('a plan that is signed, and approved by two', () => {
  test('is accepted, and not before', async () => {
    expect(await refusal(judged())).toContain('MP3022: it has no signature');
    await sign(ci!);
    expect(await judged()).toEqual({ codes: ['MP3023'], by: [], why: [] });
    await approve(alice!);
    expect(await judged()).toEqual({ codes: ['MP3023'], by: ['alice'], why: [] });
    await approve(bob!);
    expect(await judged()).toEqual({ codes: [], by: ['alice', 'bob'], why: [] });
    expect(await judged({}, new Date(NOON.getTime() + 9 * HOUR_MS))).toMatchObject({ codes: ['MP3023'], by: [] });
  });

  test('is verified by ssh-keygen alone as well', async () => {
    const signature = await sign(ci!);
    const signers = join(folder, 'signers');
    await writeFile(signers, trust.signers);
    const args = ['-Y', 'verify', '-f', signers, '-I', 'ci', '-n', 'migplan-plan', '-s', signature];
    const done = promisify(execFile)('ssh-keygen', args);
    done.child.stdin!.end(await readFile(path));
    expect((await done).stdout).toContain('Good "migplan-plan" signature for ci');
  });

  test('is not one with the two keys of one person', async () => {
    await sign(ci!);
    await approve(alice!);
    await approve(alice2!);
    expect(await judged()).toEqual({ codes: ['MP3023'], by: ['alice'], why: [] });
  });

  test('is not one when who signed it approves', async () => {
    await sign(alice!);
    await approve(alice2!);
    await approve(bob!);
    expect(await judged()).toMatchObject({ codes: ['MP3023'], by: ['bob'] });
  });

  test('approved twice in the same instant is approved once, in one file', async () => {
    await sign(ci!);
    expect(await approve(alice!)).toBe(await approve(alice!));
    await approve(bob!);
    expect(await judged()).toMatchObject({ codes: [] });
    expect(await readdir(`${path}.approvals`)).toHaveLength(4);
  });
});

describe('the signature', () => {
  test('is of these bytes: laid out otherwise, or with another line end, it is none', async () => {
    await sign(ci!);
    const text = await readFile(path, 'utf8');
    for (const other of [JSON.stringify(JSON.parse(text)), text.replaceAll('\n', '\r\n'), `${text}\n`]) {
      await writeFile(path, other);
      expect(await refusal(judged())).toContain('MP3022: the signature of');
    }
  });

  test('is never as good as none when it is bad', async () => {
    await sign(mallory!);
    expect(await refusal(judged({ unsigned: true }))).toContain('it is of none of the signers');
    await writeFile(`${path}.sig`, 'hello');
    expect(await refusal(judged({ unsigned: true }))).toContain('MP3022');
    await rm(`${path}.sig`);
    await mkdir(`${path}.sig`);
    expect(await refusal(judged({ unsigned: true }))).toContain('it is a folder');
    await rm(`${path}.sig`, { recursive: true });
    expect(await judged({ unsigned: true })).toMatchObject({ codes: ['MP3023'] });
  });

  test('of an approver is none for a plan, and the other way round', async () => {
    await sign(bob!);
    expect(await refusal(judged({ signedBy: ['bob'] }))).toContain('MP3022');
    await sign(ci!);
    await approve(ci!);
    expect((await judged()).why).toEqual([expect.stringContaining('its signature is no good')]);
  });

  test('with a revoked key is none, whenever it was made', async () => {
    await sign(ci!);
    expect(await refusal(judged({ revoked: Buffer.from(ci!.publicKey) }))).toContain('the key of ci is revoked');
    await approve(alice!);
    const { by, why } = await judged({ revoked: Buffer.from(alice!.publicKey) });
    expect([by, why]).toEqual([[], [expect.stringContaining('the key of alice is revoked')]]);
  });
});

describe('files among the approvals', () => {
  beforeEach(async () => {
    await sign(ci!);
    await approve(alice!);
  });
  const put = (name: string, text: string) => writeFile(join(`${path}.approvals`, name), text);
  const onlyAlice = (...why: string[]) => ({
    codes: ['MP3023'],
    by: ['alice'],
    why: why.map((text) => expect.stringContaining(text) as string),
  });

  test('that somebody else put there do not count, and do no harm', async () => {
    await put('a.json', '{"approved": true}\n');
    await put('notes.txt', 'hello');
    expect(await judged()).toEqual(onlyAlice('it has no signature'));
    await put('a.json.sig', await readFile(`${path}.sig`, 'utf8'));
    expect(await judged()).toEqual(onlyAlice('its signature is no good'));
  });

  test('of somebody who is no signer do not count', async () => {
    await approve(mallory!);
    expect(await judged()).toEqual(onlyAlice('it is of none of the signers'));
  });

  test('that were changed after they were signed do not count', async () => {
    const file = await approve(bob!);
    await writeFile(file, (await readFile(file, 'utf8')).replace('2026-06-01T20', '2026-07-01T20'));
    expect(await judged()).toEqual(onlyAlice('its signature is no good'));
  });

  test('that say a thing twice do not count, though they are signed', async () => {
    const file = await approve(bob!);
    const text = (await readFile(file, 'utf8')).replace('"actions": [', '"actions": ["sync"],\n  "actions": [');
    await rm(`${file}.sig`);
    await writeFile(file, text);
    await promisify(execFile)('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'migplan-approval', '-f', bob!.path, file]);
    expect(await judged()).toEqual(onlyAlice('laid out in another way'));
  });

  test('of another plan do not count', async () => {
    const other = samplePlan([entries.cutover], { environment: 'prod', id: '01993f0a-0000-4000-8000-000000000001' });
    const aside = join(folder, 'other.json');
    await writeFile(aside, encodePlanFile(other));
    const { file } = await approvePlan(await readPlanBytes(aside), other, { key: bob!.path, validMs: HOUR_MS, now: NOON });
    for (const end of ['', '.sig']) await copyFile(`${file}${end}`, join(`${path}.approvals`, `bob.json${end}`));
    expect(await judged()).toEqual(onlyAlice('is for another plan'));
  });

  test('that are links, pipes, folders or endless are looked at without waiting', async () => {
    const at = (name: string): string => join(`${path}.approvals`, name);
    await symlink('/dev/zero', at('zero.json'));
    await promisify(execFile)('mkfifo', [at('pipe.json')]);
    await mkdir(at('folder.json'));
    await symlink('nowhere', at('gone.json'));
    await put('huge.json', 'x'.repeat(70_000));
    const { why, ...rest } = await judged();
    expect(rest).toEqual({ codes: ['MP3023'], by: ['alice'] });
    expect(why).toHaveLength(5);
    expect(why.every((text) => text.startsWith('it cannot be read: '))).toBe(true);
  });

  test('that are a link to an approval count for one person', async () => {
    const [name] = (await readdir(`${path}.approvals`)).filter((file) => file.endsWith('.json'));
    for (const end of ['', '.sig']) await symlink(`${name}${end}`, join(`${path}.approvals`, `again.json${end}`));
    expect(await judged()).toEqual({ codes: ['MP3023'], by: ['alice'], why: [] });
  });

  test('are not too many to look at', async () => {
    for (let i = 0; i < 100; i++) await put(`${i}.json`, '');
    expect(await refusal(judged())).toContain('MP3026');
  });
});

describe('approving', () => {
  test.each<[string, object, string]>([
    ['what the plan does not do', { actions: ['reseed'] }, 'MP3023: the plan does no reseed'],
    ['for another environment', { environment: 'test' }, 'MP3028: the plan is for environment "prod", and not for "test"'],
  ])('%s is refused, and nothing is written', async (_name, over, text) => {
    expect(await refusal(approve(alice!, over))).toContain(text);
    expect(await readdir(folder)).toEqual(['plan.json']);
  });

  test('a plan that does nothing is refused', async () => {
    const idle = samplePlan([entries.seeded]);
    const given = { key: alice!.path, validMs: HOUR_MS, now: NOON };
    expect(await refusal(approvePlan({ path, bytes: Buffer.alloc(0) }, idle, given))).toContain('nothing that could be approved');
  });

  test('has no key in what it writes', async () => {
    await sign(ci!);
    await approve(alice!);
    const secret = (await readFile(alice!.path, 'utf8')).split('\n')[2]!;
    for (const name of await readdir(folder, { recursive: true })) {
      const text = await readFile(join(folder, name), 'utf8').catch(() => '');
      expect(text).not.toContain('PRIVATE KEY');
      expect(text).not.toContain(secret);
    }
  });
});
