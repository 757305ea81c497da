import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTrustPolicy, type TrustParseResult } from '../../src/manifest/load-trust-policy.js';
import type { TrustPolicy } from '../../src/model/trust-policy.js';
import { inFolder } from './in-folder.js';

const head = 'apiVersion: migplan.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {name: production}\nspec:\n';
const plain = 'signers: signers\nplans: {signedBy: [ci]}\napprovals: [{actions: [cutover], by: [alice, bob], count: 2}]\n';
const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

const load = (spec: string, files: Readonly<Record<string, string>> = { signers: 'alice ssh-ed25519 AAAA\n' }) =>
  inFolder({ 'trust.yaml': `${head}${indented(spec)}`, ...files }, (folder) =>
    loadTrustPolicy(join(folder, 'trust.yaml'), 'trust.yaml'),
  );

function policy(result: TrustParseResult): TrustPolicy {
  if (result.kind === 'policy') return result.policy;
  throw new Error(result.diagnostics.map(({ detail }) => detail).join('\n'));
}

/** `file:line:column code detail` of everything that is wrong. */
async function wrong(spec: string, files?: Readonly<Record<string, string>>): Promise<string[]> {
  const result = await load(spec, files);
  if (result.kind === 'policy') return [];
  return result.diagnostics.map(({ source, code, detail }) =>
    [source && `${source.file}:${source.start.line}:${source.start.column}`, code, detail].filter(Boolean).join(' '),
  );
}

describe('a trust policy', () => {
  test('says what is asked for, and lets nothing be done where it says nothing', async () => {
    const { approvals, flags, unsigned, environments, signedBy, rules } = policy(await load(plain));
    expect({ flags, unsigned, environments, signedBy }).toEqual({
      flags: { allowCutover: false, autoApprove: false },
      unsigned: false,
      environments: undefined,
      signedBy: ['ci'],
    });
    expect(approvals).toEqual([{ actions: ['cutover'], by: ['alice', 'bob'], count: 2, signerMayApprove: false }]);
    expect(rules).toEqual({ of: 'the trust policy "production"', places: {} });
  });

  test('has the digest of what it says and of who signs, however it is laid out', async () => {
    const digest = async (...of: Parameters<typeof load>): Promise<string> => policy(await load(...of)).digest;
    const first = await digest(plain);
    expect(await digest(`# laid out otherwise\n${plain.split('\n').toReversed().join('\n')}\n`)).toBe(first);
    expect(await digest(plain.replace('count: 2', 'count: 1'))).not.toBe(first);
    expect(await digest(plain.replace('alice, bob', 'alice, bob, mallory'))).not.toBe(first);
    expect(await digest(plain, { signers: 'mallory ssh-ed25519 AAAA\n' })).not.toBe(first);
    expect(await digest(`${plain}flags: {allowCutover: true}\n`)).not.toBe(first);
    const files = { signers: 'alice ssh-ed25519 AAAA\n', revoked: 'ssh-ed25519 BBBB\n' };
    expect(await digest(`${plain}revoked: revoked\n`, files)).toBe(first);
  });

  test.each<[string, string, RegExp]>([
    ['an unknown field', `${plain}approvers: []\n`, /trust\.yaml:8:3 MP1002 .*approvers/],
    ['an unknown action', plain.replace('[cutover]', '[cut-over]'), /trust\.yaml:7:\d+ MP1005/],
    ['a pattern of people', plain.replace('[alice, bob]', '["*@example.com", bob]'), /trust\.yaml:7:\d+ MP1018/],
    [
      'more approvals than people',
      plain.replace('count: 2', 'count: 3'),
      /MP1018 approvals\[0\] asks for 3 approvals, and names 2/,
    ],
    [
      'one person twice',
      plain.replace('[alice, bob]', '[alice, alice]'),
      /MP1018 approvals\[0\] asks for 2 approvals, and names 1/,
    ],
    [
      'one person in two spellings',
      plain.replace('[alice, bob]', '[alice, bob, Alice]'),
      /MP1018 approvals\[0\] names alice and Alice, which differ in capitals only/,
    ],
    ['a name that only looks like another', plain.replace('[alice, bob]', '[alice, "alic\u0435"]'), /MP1018 .*in ASCII/],
    ['a signer of that kind', plain.replace('[ci]', '["c\u0456"]'), /MP1018 .*in ASCII/],
    ['no approvals at all', plain.replace('count: 2', 'count: 0'), /MP1018|MP1005/],
    [
      'an environment that is nowhere',
      plain.replace('count: 2', 'count: 2, environments: [prod]'),
      /MP1018 approvals\[0\] is for environment "prod", which spec\.environments does not have/,
    ],
    ['an environment without clouds', `${plain}environments: {prod: {}}\n`, /MP1003 .*clouds/],
    ['no signers', plain.replace('signers: signers\n', ''), /MP1003 .*signers/],
    [
      'signers that are not there',
      plain.replace('signers: signers', 'signers: nobody'),
      /MP1012 the file of signers, nobody, cannot be read: ENOENT/,
    ],
    ['revoked keys that are not there', `${plain}revoked: gone\n`, /MP1012 the file of revoked, gone, cannot be read: ENOENT/],
    [
      'a time zone that is none',
      `${plain}policy: {windows: {w: {cron: "0 1 * * *", duration: 1h, timezone: Mars/X}}}\n`,
      /MP1018 .*Mars/,
    ],
    [
      'a freeze that ends before it begins',
      `${plain}policy: {freezes: {x: {start: 2026-12-20T00:00:00Z, end: 2026-12-01T00:00:00Z}}}\n`,
      /MP1018 .*not after its start/,
    ],
    ['a command without a program', `${plain}policy: {command: []}\n`, /MP1018|MP1005/],
  ])('with %s is refused, with the place', async (_name, spec, expected) => {
    expect((await wrong(spec)).join('\n')).toMatch(expected);
  });

  test('of another kind, empty, or not there is refused', async () => {
    const read = (text: string) =>
      inFolder({ 'trust.yaml': text }, (folder) => loadTrustPolicy(join(folder, 'trust.yaml'), 'trust.yaml'));
    for (const text of ['', 'kind: Project\n', head.replace('TrustPolicy', 'Migration'), '- a list\n'])
      expect((await read(text)).kind).toBe('wrong');
    expect((await loadTrustPolicy('/nowhere/trust.yaml', 'trust.yaml')).kind).toBe('wrong');
  });

  test('may be a link to a file beside it, as mounted configuration is', async () => {
    const result = await inFolder({ signers: 'alice ssh-ed25519 AAAA\n' }, async (folder) => {
      await mkdir(join(folder, '..data'));
      await writeFile(join(folder, '..data/trust.yaml'), `${head}${indented(plain)}`);
      await symlink('..data/trust.yaml', join(folder, 'trust.yaml'));
      const read = await loadTrustPolicy(join(folder, 'trust.yaml'), 'trust.yaml');
      await rm(join(folder, 'trust.yaml'));
      return read;
    });
    expect(policy(result).name).toBe('production');
  });
});
