import { access, copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { Bench } from '../../lab/harness/bench.js';
import { makeConversionStandIn } from '../../lab/harness/conversion-stand-in.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { processesWith } from '../../lab/harness/processes.js';
import { projectRoot } from '../../lab/harness/project-root.js';
import { filesWith, watchForSecrets } from '../../lab/harness/secret-watch.js';
import { until } from '../../lab/harness/until.js';
import { shellOf } from '../docs/fences.js';
import { Ansible, type AnsibleResult } from './ansible-run.js';
import { asConverted, copying, expectCopied } from './steps.js';
import { Typist } from './typist.js';

// The documented workflow with real ansible-playbook: the collection is built, installed, and given a variables file of os-migrate.

/** A name that people give, and that Ansible would take for a template. */
const WIN = 'Win {{ 7 * 7 }} ü';
const WIN_NAME = 'Win-7-7-2164aa53';
const MiB = 2 ** 20;
let bench: Bench;
let project: LabProject;
let ansible: Ansible;
let osm: string;
let variables: string;

const isOn = async (vm: string): Promise<boolean> => (await bench.source.control.vm({ vm })).power === 'poweredOn';
const powered = async (): Promise<string[]> =>
  (await effects(bench)).filter((effect) => /^(ShutdownGuest|PowerO(n|ff)VM_Task)/.test(effect));
const volumes = async (): Promise<string[]> => (await bench.target.control.volumes()).map(({ name }) => name).sort();

const passwords = (): string[] => [bench.source.password, bench.target.password];

/** Variables of os-migrate by its names, and what a lab needs besides. */
async function writeVariables(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { source, target } = bench;
  const path = join(bench.folder, `${name}.yaml`);
  await writeFile(join(bench.folder, 'vms.yaml'), stringify({ vms_list: [WIN, 'mail'] }));
  const text = stringify({
    vcenter_hostname: source.server,
    vcenter_username: source.user,
    vcenter_password: source.password,
    vcenter_datacenter: 'DC1',
    os_migrate_vmw_data_dir: osm,
    dst_cloud: {
      auth: {
        auth_url: target.authUrl,
        username: 'demo',
        project_name: 'demo',
        user_domain_name: 'Default',
        project_domain_name: 'Default',
        password: target.password,
      },
      region_name: 'RegionOne',
      interface: 'public',
      identity_api_version: 3,
    },
    vddk_libdir: source.vddk.libdir,
    flavor_name_or_uuid: 'm1.small',
    used_mapped_networks: true,
    network_map: { 'VM Network': 'prod-lan' },
    import_workloads_vms_file: join(bench.folder, 'vms.yaml'),
    import_workloads_migplan: join(projectRoot, 'bin/run.js'),
    import_workloads_vcenter_ca_file: source.caFile,
    import_workloads_volume_access: parse(target.localAccess),
    import_workloads_project_spec: { providers: { vcenter: { reader: { nbdkit: source.vddk.nbdkit } } } },
    import_workloads_release: 'debian-12',
    import_workloads_migration_spec: { shutdown: { timeout: '2m' } },
    ...more,
  });
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** Every file below a folder, with its text. */
async function contents(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(paths.sort().map(async (path) => [path, await readFile(path, 'utf8')] as const)));
}

const ended = ({ code, recap, output }: AnsibleResult, wanted: Readonly<Record<string, number>>): void => {
  expect(recap, output).toMatchObject(wanted);
  expect(code, output).toBe((wanted['failed'] ?? 0) > 0 ? 2 : 0);
};

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([
      { name: WIN, guestId: 'windows2019srv_64Guest', guestFullName: 'Windows Server 2019', guestFamily: 'windowsGuest' },
      { name: 'mail' },
      { name: 'web' },
      { name: 'slow', disksMiB: [16], folder: 'erp' },
    ]),
    target: simulatedCloud(),
  });
  project = await bench.project('ansible');
  const standIn = await makeConversionStandIn(join(bench.folder, 'conversion'));
  const { VCENTER_PASSWORD: _, ...environment } = project.environment;
  ansible = await Ansible.install(join(bench.folder, 'galaxy'), { ...environment, ...standIn.environment });
  osm = join(project.folder, 'osm');
  variables = await writeVariables('vars', { import_workloads_cbt_sync: true });
  await forgetCalls(bench);
});

afterEach(async () => {
  await bench.source.control.setVddk({});
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(() => bench[Symbol.asyncDispose]());

test('check mode is the plan: it says what would change and shows it, and nothing is changed, no file either', async () => {
  const checked = await ansible.play(variables, '--check', '--diff');
  ended(checked, { changed: 1, failed: 0 });
  expect(checked.output).toContain('+++ after: manifests/mail.yaml');
  expect(checked.output).toMatch(/# vm\/mail\/disk\/2000 will be created/);
  expect(checked.output).toMatch(/Plan: \d+ to add/);
  await expect(access(osm)).rejects.toThrow('ENOENT');
  expect(await effects(bench)).toEqual([]);
});

test('AC7: the seed (import_workloads_cbt_sync): VMs stay on, the name with braces is kept as it is, and passwords are nowhere, not even with -vvv', async () => {
  const secrets = passwords();
  await bench.source.control.setVddk({ readDelayMs: 10 });
  const watch = watchForSecrets(project, secrets);
  const seeded = await ansible.play(variables, '--diff', '-vvv');
  const { seen, commands } = await watch.end();
  await bench.source.control.setVddk({});
  ended(seeded, { changed: 1, failed: 0 });
  expect([await isOn(WIN), await isOn('mail'), await powered()]).toEqual([true, true, []]);
  expect(await volumes()).toEqual([`${WIN_NAME}-2000`, 'mail-2000']);
  const manifest = await readFile(join(osm, 'migplan', 'manifests', `${WIN_NAME}.yaml`), 'utf8');
  expect(manifest).toContain(`vm: "/DC1/vm/${WIN}"`);
  expect(manifest).toContain(`name: "${WIN}"`);

  expect([...commands].join('\n')).toContain('nbdkit');
  expect(seen).toEqual([]);
  for (const secret of secrets) expect(seeded.output).not.toContain(secret);
  expect(await filesWith(osm, secrets)).toEqual([]);
});

test('run again it changes nothing; check mode says what another sync would change, and changes nothing either', async () => {
  const files = await contents(osm);
  await forgetCalls(bench);
  ended(await ansible.play(variables, '--diff'), { changed: 0, failed: 0 });
  ended(await ansible.play(variables, '--check', '-e', 'import_workloads_sync_max_age='), { changed: 1, failed: 0 });
  expect(await effects(bench)).toEqual([]);
  expect(await contents(osm)).toEqual(files);
});

test('AC7: a nightly sync with -e import_workloads_cutover=false, which is a text: the VMs stay on, what changed is copied', async () => {
  await bench.source.control.guestWrite({ vm: WIN, offset: MiB, length: 65_536, fill: { seed: 5 } });
  const synced = await ansible.play(variables, '-e', 'import_workloads_cutover=false', '-e', 'import_workloads_sync_max_age=');
  ended(synced, { changed: 1, failed: 0 });
  expect([await isOn(WIN), await isOn('mail'), await powered()]).toEqual([true, true, []]);
});

test('a cutover that is neither true nor false is refused', async () => {
  const refused = await ansible.play(variables, '-e', 'import_workloads_cutover=ture');
  ended(refused, { changed: 0, failed: 1 });
  expect(refused.output).toContain('import_workloads_cutover');
});

test('AC6 and AC7: the cutover of one VM powers off that one, and the other is synced and stays on', async () => {
  const recorder = join(bench.folder, 'migplan');
  const log = `${recorder}.log`;
  const program = join(projectRoot, 'bin/run.js');
  await writeFile(recorder, `#!/bin/sh\necho "$*" >> '${log}'\nexec '${program}' "$@"\n`, { mode: 0o755 });
  const cutover = await writeVariables('cutover', {
    import_workloads_cbt_sync: true,
    import_workloads_vms_file: join(bench.folder, 'one.yaml'),
    import_workloads_migplan: recorder,
  });
  await writeFile(join(bench.folder, 'one.yaml'), stringify([{ name: WIN, cutover: true }, 'mail']));
  ended(await ansible.play(cutover, '-e', 'import_workloads_sync_max_age='), { changed: 1, failed: 0 });
  expect([await isOn(WIN), await isOn('mail')]).toEqual([false, true]);
  expect(await powered()).toEqual([expect.stringContaining('ShutdownGuest')]);
  // Nova takes ASCII for host names, so migplan spells the server's name with it.
  const name = expect.stringMatching(/^Win \{\{ 7 \* 7 \}\} u-/);
  expect(await bench.target.control.servers()).toMatchObject([{ name, status: 'ACTIVE' }]);
  const applies = (await readFile(log, 'utf8')).split('\n').filter((line) => line.startsWith('apply '));
  expect(applies).toEqual([
    expect.stringMatching(/\/plan\.json --json --parallelism 2$/),
    expect.stringMatching(/\/cutover\.json --json --parallelism 2 --allow-cutover$/),
  ]);

  await writeFile(join(bench.folder, 'one.yaml'), stringify([{ name: WIN, cutover: true }]));
  await forgetCalls(bench);
  const again = await ansible.play(cutover);
  ended(again, { changed: 0, failed: 0 });
  expect(again.output).toContain('Volume already converted');
  expect(await effects(bench)).toEqual([]);
});

test('a VM of a loop over vm_name, in a folder that only the metadata of os-migrate tells; Ctrl-C in its first copy, and the next run goes on', async () => {
  const { instanceUuid } = await bench.source.control.vm({ vm: 'slow' });
  await mkdir(join(`${osm}-slow`, 'slow'), { recursive: true });
  await writeFile(
    join(`${osm}-slow`, 'slow', 'import_workloads.json'),
    JSON.stringify({ vm_name: 'slow', openstack: {}, vmware_guest_info: { instance_uuid: instanceUuid, hw_name: 'slow' } }),
  );
  const slow = await writeVariables('slow', {
    import_workloads_cbt_sync: true,
    import_workloads_vms_file: '',
    vm_name: 'slow',
    os_migrate_vmw_data_dir: `${osm}-slow`,
    import_workloads_project_spec: {
      limits: { batch: '4MiB' },
      providers: { vcenter: { reader: { nbdkit: bench.source.vddk.nbdkit } } },
    },
  });
  await bench.source.control.setVddk({ readDelayMs: 300 });
  const run = ansible.start(slow);
  await copying(bench);
  run.interrupt();
  await run.finished;
  await until('the processes of the run to end', async () => (await processesWith(project.marker)).length === 0);
  await bench.source.control.setVddk({});
  // Ansible leaves what it had copied to the host: not one file with the arguments of the module may be among it.
  expect(await filesWith(join(bench.folder, 'galaxy'), passwords())).toEqual([]);
  expect((await bench.target.control.volumeNamed('slow-2000')).metadata['migplan']).toContain('s=dirty');
  expect(await bench.leftovers()).toEqual([]);
  ended(await ansible.play(slow), { changed: 1, failed: 0 });
  await expectCopied(bench, 'slow', 2000);
});

test('AC4: without cbt_sync a volume that exists is "volume already exists"; the others are worked on, and the task fails', async () => {
  const once = await writeVariables('once', {
    import_workloads_vms_file: '',
    vms_list: ['mail', 'web'],
    os_migrate_vmw_data_dir: `${osm}-once`,
  });
  await forgetCalls(bench);
  const stopped = await ansible.play(once, '-e', 'import_workloads_stop_on_blocked=true');
  ended(stopped, { failed: 1 });
  expect(stopped.output).toContain('volume already exists: mail-2000');
  expect(await effects(bench)).toEqual([]);

  const failed = await ansible.play(once);
  ended(failed, { failed: 1 });
  expect(failed.output).toContain('volume already exists: mail-2000');
  expect(failed.output).toContain('"changed": true');
  expect(failed.output).toContain('"vm/mail": "blocked", "vm/web": "done"');
  expect(await volumes()).toContain('web-2000');
});

test('AC5: a nightly sync passes over what was cut over, and says so; a cutover of which something is left fails it', async () => {
  await asConverted(bench, 'web');
  await bench.source.control.setPower({ vm: WIN, power: 'poweredOn' });
  const nightly = await writeVariables('nightly', {
    import_workloads_cbt_sync: true,
    import_workloads_vms_file: join(bench.folder, 'nightly-vms.yaml'),
  });
  await writeFile(join(bench.folder, 'nightly-vms.yaml'), stringify([WIN, 'web']));
  await forgetCalls(bench);
  const left = await ansible.play(nightly);
  ended(left, { failed: 1 });
  expect(left.output).toContain(`"vm/${WIN_NAME}": "already-converted", "vm/web": "blocked"`);
  await writeFile(join(bench.folder, 'nightly-vms.yaml'), stringify([WIN]));
  const passed = await ansible.play(nightly);
  ended(passed, { changed: 0, failed: 0 });
  expect(passed.output).toContain(`vm/${WIN_NAME}: Volume already converted`);
  // Two of one guest: that the source is on again is seen by nobody else in a nightly job.
  expect(passed.output.replaceAll(/\s+/g, ' ')).toContain('the source VM is on again');
  expect(await effects(bench)).toEqual([]);
});

test('a vCenter that does not answer fails the task with what migplan says of it, and without passwords', async () => {
  const down = await writeVariables('down', {
    vcenter_hostname: '127.0.0.1:9',
    import_workloads_cbt_sync: true,
    os_migrate_vmw_data_dir: `${osm}-down`,
  });
  const failed = await ansible.play(down, '-vvv');
  ended(failed, { failed: 1 });
  expect(failed.output).toMatch(/\[MP\d{4}\]/);
  expect(failed.output).toContain('127.0.0.1:9');
  for (const secret of passwords()) expect(failed.output).not.toContain(secret);
});

test('ansible-doc shows module and role', async () => {
  const module = await ansible.doc('--json', 'migplan.migration.migplan');
  expect(module.code, module.output).toBe(0);
  const { doc, examples } = (JSON.parse(module.output) as Record<string, { doc: { options: object }; examples: string }>)[
    'migplan.migration.migplan'
  ]!;
  expect(Object.keys(doc.options)).toEqual(expect.arrayContaining(['cbt_sync', 'cutover', 'vms']));
  expect(examples).toContain('migplan.migration.migplan:');
  expect((await ansible.doc('-t', 'role', 'migplan.migration.import_workloads')).output).toContain('import_workloads_cutover');
});

test('what cannot be done is refused with what to write instead, what has no effect is a warning, and a project of somebody else is left alone', async () => {
  const folder = `${osm}-own`;
  const own = await writeVariables('own', { os_migrate_vmw_data_dir: folder });
  const asked = ['import_workloads_vmware_insecure=true', 'use_heat=true', 'import_workloads_use_socks=false'].flatMap((one) => [
    '-e',
    one,
  ]);
  const refused = await ansible.play(own, ...asked);
  ended(refused, { changed: 0, failed: 1 });
  expect(refused.output).toContain('import_workloads_vmware_insecure: write import_workloads_vcenter_ca_file');
  expect(refused.output).toContain('import_workloads_use_heat: servers are made by Nova itself');
  expect(refused.output.replaceAll(/\s+/g, ' ')).toContain('import_workloads_use_socks has no effect');
  await expect(readdir(folder)).rejects.toThrow('ENOENT');

  const mine = join(folder, 'migplan', 'migplan.yaml');
  await mkdir(dirname(mine), { recursive: true });
  await writeFile(mine, 'kind: Project\n');
  const left = await ansible.play(own);
  ended(left, { changed: 0, failed: 1 });
  expect(left.output).toContain('was not written by this collection, and is left alone');
  expect([await readFile(mine, 'utf8'), await readdir(dirname(mine))]).toEqual(['kind: Project\n', ['migplan.yaml']]);
});

test('what the documents say is to be typed', async () => {
  const folder = join(bench.folder, 'typed');
  await mkdir(folder);
  await symlink(join(projectRoot, 'ansible'), join(folder, 'ansible'));
  // The stand-in for a conversion finds a Windows.
  const listed = join(folder, 'vms.yaml');
  await writeFile(listed, stringify([WIN]));
  const more = { import_workloads_cbt_sync: true, import_workloads_vms_file: listed };
  const { vcenter_password, ...rest } = parse(await readFile(await writeVariables('typed', more), 'utf8'));
  await writeFile(join(folder, 'vars.yaml'), stringify(rest));
  await writeFile(join(folder, 'secrets.yml'), stringify({ vcenter_password }), { mode: 0o600 });
  await copyFile(ansible.inventory, join(folder, 'inventory.yml'));
  await using typist = await Typist.hire();
  const desk = { folder, environment: { ...ansible.environment, ANSIBLE_COLLECTIONS_PATH: join(folder, 'collections') } };
  await typist.type(desk, [...shellOf('ansible/README.md'), ...shellOf('docs/ansible.md')], (command) =>
    command.replace(/collection (?:build|install)/, '$& --force'),
  );
});
