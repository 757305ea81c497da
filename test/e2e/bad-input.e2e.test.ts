import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { effects, forgetCalls, logins } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { makeProgramFolder } from '../../lab/harness/program-folder.js';
import { requirements } from '../../src/host/program.js';
import { checkTable } from '../../src/plan/checks/check-table.js';
import { manifestOf, migplan, said } from './steps.js';

// What people get wrong, and what is wrong around them: a clear error, the right exit code, and nothing changed anywhere.
const MiB = 2 ** 20;
let bench: Bench;
let project: LabProject;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([
      { name: 'good' },
      { name: 'erp-db01' },
      { name: 'twin', folder: 'a' },
      { name: 'twin', folder: 'b' },
      { name: 'large', disks: [{ capacityBytes: 1536 * MiB }] },
      { name: 'broken' },
    ]),
    target: simulatedCloud(),
  });
});

beforeEach(async () => {
  project = await bench.project(`p${bench.projects.length}`);
  await project.manifest('good', manifestOf('good', 'phase: seed'));
  await forgetCalls(bench);
});

afterEach(async () => {
  expect(await effects(bench), 'calls that may have changed something').toEqual([]);
  expect(await bench.leftovers()).toEqual([]);
  await bench.source.control.clearFaults();
  await bench.target.control.clearFaults();
});

afterAll(() => bench[Symbol.asyncDispose]());

interface Refusal {
  readonly args?: readonly string[];
  readonly exit?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly texts: readonly (string | RegExp)[];
}

async function expectError({ args = ['apply', '--auto-approve'], exit = 1, env = {}, texts }: Refusal): Promise<void> {
  const told = said(await migplan(project, args, { exit, env }));
  for (const text of texts)
    expect(told).toEqual(typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text));
  expect(told).not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
}

describe('manifests', () => {
  test('with missing and unknown fields, wrong types and contradictions are told all at once, each with its line', async () => {
    await project.manifest('missing', 'phase: seed');
    await project.manifest('unknown', manifestOf('good', 'phaze: seed'));
    await project.manifest('type', manifestOf('good', 'limits: {delta: 10}'));
    await project.manifest('boolean', manifestOf('good', 'cutover: yes'));
    await project.manifest('contradiction', manifestOf('good', 'phase: seed\ncutover: true'));
    await project.manifest('choice', manifestOf('good', 'phase: migrate'));
    await expectError({
      texts: [
        /MP1003[\s\S]*source/,
        /MP1002[\s\S]*phaze/,
        /Did you mean phase\?/,
        /MP1007/,
        /MP1010/,
        ...['missing', 'contradiction'].map((name) => new RegExp(`manifests/${name}\\.yaml(:| line )`)),
        ...['unknown', 'type', 'boolean', 'choice'].map((name) => new RegExp(`manifests/${name}\\.yaml(:| line )6`)),
      ],
    });
    expect(await logins(bench)).toEqual({ vcenter: 0, cloud: 0 });
  });

  test('with a bare VM name are refused: only a path, a UUID or a reference names one VM', async () => {
    await project.manifest('good', 'source: {vm: twin}\nphase: seed');
    await expectError({ texts: ['MP1018', 'inventory path', /manifests\/good\.yaml(:| line )5/] });
  });

  test('with a VM that does not exist are blocked, and told the nearest name', async () => {
    await project.manifest('good', 'source: {vm: /DC1/vm/erp-db1}\nphase: seed');
    await expectError({
      args: ['plan', '--fail-on', 'blocked'],
      texts: [/Source VM was not found \[MP2003\]/, /did you mean \/DC1\/vm\/erp-db01/],
    });
  });

  test('of two VMs of one name each takes the one its path names', async () => {
    await project.removeManifest('good');
    await project.manifest('a', 'source: {vm: /DC1/vm/a/twin}\nphase: seed');
    await project.manifest('b', 'source: {vm: /DC1/vm/b/twin}\nphase: seed');
    const told = said(await migplan(project, ['plan', '--out', 'plan.json']));
    expect(told).toContain('Plan: 2 to add, 0 to change, 0 to destroy.');
    await project.manifest('b', 'source: {vm: /DC1/vm/a/twin}\nphase: seed');
    await expectError({ args: ['plan'], texts: [/MP1017/, /manifests\/a\.yaml/, /manifests\/b\.yaml/] });
  });

  test('whose volumes are too small or in error are blocked', async () => {
    const { control } = bench.target;
    const small = await control.createVolume({ project: 'demo', sizeGiB: 1, name: 'large-2000' });
    const failed = await control.createVolume({ project: 'demo', sizeGiB: 1, name: 'broken-2000', status: 'error' });
    for (const vm of ['large', 'broken']) await project.manifest(vm, manifestOf(vm, 'phase: seed'));
    await expectError({
      args: ['plan', '--fail-on', 'blocked'],
      texts: [/MP2013[\s\S]*has 1073741824 bytes, the disk has 1610612736/, /MP2016[\s\S]*is in status "error"/, /1 to add/],
    });
    for (const { id } of [small, failed]) await control.deleteVolume(id);
  });
});

describe('access', () => {
  test('with a wrong vCenter password is tried once only', async () => {
    await expectError({ env: { VCENTER_PASSWORD: 'wrong' }, texts: ['MP5001', /was tried once only/] });
    expect((await logins(bench)).vcenter).toBe(1);
  });

  test('with a wrong OpenStack password is tried once only, and says where the credentials came from', async () => {
    await project.edit('secure.yaml', (text) => text.replace(/password: ".*?"/, 'password: "wrong"'));
    await expectError({ texts: ['MP4001', 'rhoso-prod', /clouds\.yaml/] });
    expect((await logins(bench)).cloud).toBe(1);
  });

  test('with a certificate nobody here trusts is refused before the password is sent, and its thumbprint is told', async () => {
    await project.edit('migplan.yaml', (text) => text.replace(/ +tls: .*\n/, ''));
    await expectError({ texts: ['MP5002', bench.source.sha256, 'caFile'] });
    expect((await logins(bench)).vcenter).toBe(0);
  });

  test('with a thumbprint that is not the one presented is refused likewise', async () => {
    const wrong = Array(32).fill('AB').join(':');
    await project.edit('migplan.yaml', (text) => text.replace(/tls: .*/, `tls: {thumbprint: "${wrong}"}`));
    await expectError({ texts: ['MP5002', bench.source.sha256] });
    expect((await logins(bench)).vcenter).toBe(0);
  });
});

describe('a vCenter that answers', () => {
  const always = (action: object) =>
    bench.source.control.addFault({ method: 'RetrieveServiceContent', times: 'always', do: action } as never);

  test.each([
    {
      what: 'a 503 page of a proxy',
      action: { http: { status: 503, body: '<html><h1>503</h1></html>' } },
      text: /MP5003[\s\S]*HTTP 503/,
    },
    { what: 'half an answer', action: { truncate: true }, text: /MP500[35]/ },
    { what: 'nothing', action: { empty: true }, text: /MP5005[\s\S]*HTTP 200 from 127\.0\.0\.1:\d+ with nothing/ },
  ])('$what is told so after some tries', async ({ action, text }) => {
    await always(action);
    await expectError({ texts: [text, 'vc-prod'] });
  });
});

describe('a quota that is too small', () => {
  const setVolumes = (volumes: number) => bench.target.control.setQuota('demo', { volumes });
  afterEach(() => setVolumes(100));

  test('is found by the plan', async () => {
    await setVolumes(0);
    await expectError({
      args: ['plan', '--fail-on', 'blocked'],
      texts: [/MP2019[\s\S]*needs 1 new volumes and the quota leaves 0/],
    });
  });

  test('that became so after the plan stops the apply before anything is asked for', async () => {
    await migplan(project, ['plan', '--out', 'plan.json']);
    await setVolumes(0);
    await expectError({
      args: ['apply', 'plan.json'],
      exit: 4,
      texts: [/MP2019[\s\S]*needs 1 new volumes and the quota leaves 0; nothing was changed/],
    });
    expect(await effects(bench)).toEqual([]);
    expect((await bench.target.control.volumes()).filter(({ name }) => name.startsWith('good'))).toEqual([]);
    await forgetCalls(bench);
  });
});

describe('programs', () => {
  const all = Object.keys(requirements);
  const cutover = (vm: string) => manifestOf(vm, 'phase: cutover\ntarget: {server: {flavor: m1.small, networks: [prod-lan]}}');

  test.each(['nbdkit', 'nbdcopy', 'virt-v2v-in-place'])('%s missing is found before anything is touched', async (missing) => {
    if (missing.startsWith('virt')) await project.manifest('good', cutover('good'));
    const PATH = await makeProgramFolder(join(project.folder, 'bin'), {
      real: ['sh', ...all.filter((name) => name !== missing)],
    });
    const args = ['apply', '--auto-approve', ...(missing.startsWith('virt') ? ['--allow-cutover'] : [])];
    await expectError({ args, env: { PATH }, texts: ['MP8001', `${missing} is not installed`, /apt-get install/] });
  });

  test('that are too old are found before anything is touched, with the reason', async () => {
    await project.manifest('good', cutover('good'));
    const old = { nbdkit: '1.20.4', nbdcopy: '1.8.0', 'virt-v2v-in-place': '2.0.1' };
    const PATH = await makeProgramFolder(join(project.folder, 'bin'), {
      real: ['sh', ...all.filter((name) => !(name in old))],
      sayingVersion: old,
    });
    const texts = [
      'MP8002',
      /nbdkit is version 1\.20\.4, 1\.24/,
      /nbdcopy is version 1\.8\.0.*CVE-2022-0485/,
      /virt-v2v-in-place is version 2\.0\.1/,
    ];
    await expectError({ args: ['apply', '--auto-approve', '--allow-cutover'], env: { PATH }, texts });
  });
});

describe('a reader that cannot work', () => {
  /** The project reads with a VDDK of its own; without content there is none. */
  async function withLibrary(content: string | undefined): Promise<void> {
    const libdir = join(project.folder, 'vddk');
    if (content !== undefined) {
      await mkdir(join(libdir, 'lib64'), { recursive: true });
      await writeFile(join(libdir, 'lib64/libvixDiskLib.so.8'), content);
    }
    await project.edit('migplan.yaml', (text) => text.replace(bench.source.vddk.libdir, libdir));
  }

  test.each([
    ['VDDK is not there', undefined, /MP8007[\s\S]*libdir .* is no folder of this machine/],
    ['VDDK crashes when it is used', 'crashes at open', /MP8008[\s\S]*was ended by SIGSEGV/],
  ])('%s: told by doctor and plan, and nothing is touched', async (_name, library, text) => {
    await withLibrary(library);
    await expectError({ args: ['doctor'], texts: [/FAIL .*reader/, text] });
    await expectError({ args: ['doctor', '--vm', 'good'], texts: [/FAIL .*vm\/good: reader/, text] });
    const planned = said(await migplan(project, ['plan', '--out', 'plan.json']));
    expect(planned).toMatch(text);
    await expectError({ args: ['apply', 'plan.json', '--auto-approve'], exit: 6, texts: [text] });
  });

  test('doctor says of every check of the table how it stands, for this machine, each provider, and the migrations', async () => {
    await project.manifest(
      'good',
      manifestOf('good', 'phase: cutover\ntarget: {server: {flavor: m1.smal, networks: [prod-lan]}}'),
    );
    await project.manifest('broken', manifestOf('broken', 'phase: seed'));
    const { stdout } = await migplan(project, ['doctor', '--json'], { exit: 1 });
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; found: string }[] };
    const names = checks.map(({ name }) => name.replace(/^(?:migrations|seed and sync|cutover|vc-prod|rhoso-prod): /, ''));
    expect(Object.keys(checkTable).filter((id) => !names.includes(id))).toEqual([]);
    const failed = checks.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(failed).toEqual(['migrations: target-names']);
    expect(checks.find(({ name }) => name === 'vc-prod: in all')?.found).toBe('plan: yes, seed and sync: yes, cutover: yes');
    const { stdout: one } = await migplan(project, ['doctor', '--target', 'vm/broken']);
    expect(one).toMatch(/^ok +migrations: target-names/m);
  });
});
