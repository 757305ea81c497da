import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../../lab/harness/project-root.js';

const collection = join(projectRoot, 'ansible');
const role = join(collection, 'roles/import_workloads');
const yamlOf = async (path: string): Promise<unknown> => parse(await readFile(path, 'utf8'));

/** Runs Python with the plain modules of the collection, as a host does; `input` is JSON on standard input, the answer is JSON. */
async function python(program: string, input: unknown = null): Promise<unknown> {
  const lines = [
    'import json, sys',
    'import environment, events, manifests, metadata, variables, yaml_text',
    'given = json.load(sys.stdin)',
    program,
  ];
  const child = promisify(execFile)('python3', ['-B', '-c', lines.join('\n')], {
    env: { ...process.env, PYTHONPATH: join(collection, 'plugins/module_utils'), PYTHONIOENCODING: 'utf-8' },
  });
  child.child.stdin!.end(JSON.stringify(input));
  return JSON.parse((await child).stdout);
}

interface Row {
  readonly name: string;
  readonly short: string | null;
  readonly verdict: 'works' | 'ignored' | 'refused';
  readonly text: string;
}

const table = (await python(
  'print(json.dumps([{"name": n, "short": s, "verdict": v, "text": t} for n, s, v, q, t in variables.TABLE]))',
)) as readonly Row[];
const named = (rows: readonly { readonly name: string }[]): string[] => rows.map(({ name }) => `import_workloads_${name}`).sort();

/** roles/import_workloads/defaults/main.yml of os-migrate's vmware_migration_kit 2.2.7: name, and its default where it has one. */
const ofOsMigrate: Readonly<Record<string, unknown>> = {
  cinder_az: undefined,
  nova_az: undefined,
  use_socks: true,
  cbt_sync: false,
  cinder_volume_type: undefined,
  nbdkit_assume_zero: true,
  cutover: false,
  converted: false,
  skip_conversion: false,
  os_migrate_virt_v2v: false,
  os_migrate_nbdkit: true,
  debug: false,
  vmware_insecure: false,
  openstack_insecure: false,
  local_disk_path: undefined,
  libdir: '/usr/lib/vmware-vix-disklib',
  extra_opts: undefined,
  boot_script_path: undefined,
  volume_type_mapping: [],
  multidiskfs: false,
  use_fixed_ips: false,
  fixed_ip_subnet_uuid: '',
  os_migrate_tear_down: false,
  instance_uuid: '',
  used_mapped_networks: false,
  image_metadata: ["hw_rng_model='virtio'"],
  boot_from_cinder: false,
  user_data: undefined,
  use_heat: false,
  heat_auto_deploy: true,
};

describe('the thirty variables of os-migrate', () => {
  test('each has a verdict', () => {
    expect(table.map(({ name }) => name).sort()).toEqual(Object.keys(ofOsMigrate).sort());
    expect(table).toHaveLength(30);
  });

  test('what works is a default of the role, what does not is in its vars with the short name, and all are in argument_specs', async () => {
    const defaults = Object.keys((await yamlOf(join(role, 'defaults/main.yml'))) as object);
    const works = table.filter(({ verdict }) => verdict === 'works');
    const judged = table.filter(({ verdict }) => verdict !== 'works');
    expect(defaults).toEqual(expect.arrayContaining(named(works)));
    for (const name of named(judged)) expect(defaults).not.toContain(name);
    const { import_workloads_judged } = (await yamlOf(join(role, 'vars/main.yml'))) as Record<string, Record<string, string>>;
    expect(import_workloads_judged).toEqual(
      Object.fromEntries(judged.map(({ name, short }) => [name, short ?? `import_workloads_${name}`])),
    );
    const specs = (await yamlOf(join(role, 'meta/argument_specs.yml'))) as {
      readonly argument_specs: { readonly main: { readonly options: object } };
    };
    expect(Object.keys(specs.argument_specs.main.options).sort()).toEqual([...defaults, ...named(judged)].sort());
  });

  test('the README tells of each what the module says', async () => {
    const readme = await readFile(join(collection, 'README.md'), 'utf8');
    for (const { name, verdict, text } of table)
      expect(readme).toContain(`| \`import_workloads_${name}\` | ${verdict} | ${text} |`);
    const defaults = Object.keys((await yamlOf(join(role, 'defaults/main.yml'))) as object);
    for (const name of defaults) expect(readme).toContain(`| \`${name}\` |`);
  });

  test("os-migrate's own defaults are neither warned of nor refused; every other value of what does not work is", async () => {
    const judge = (given: unknown) => python('print(json.dumps(variables.judge(given)))', given);
    expect(await judge(ofOsMigrate)).toEqual([[], []]);
    const other = (value: unknown) => (typeof value === 'boolean' ? String(!value) : 'something');
    const [warned, refused] = (await judge(
      Object.fromEntries(Object.entries(ofOsMigrate).map(([name, value]) => [name, other(value)])),
    )) as [string[], string[]];
    const told = (sentences: readonly string[]) => sentences.map((sentence) => sentence.split(/[ :]/)[0]).sort();
    expect(told(warned)).toEqual(named(table.filter(({ verdict }) => verdict === 'ignored')));
    expect(told(refused)).toEqual(named(table.filter(({ verdict }) => verdict === 'refused')));
  });
});

describe('manifests', () => {
  const migrations = (vms: unknown, settings: object = {}) =>
    python(
      `
try:
    read = manifests.read_vms(given["vms"])
    print(json.dumps([yaml_text.yaml_text(manifests.migration_document(vm, given["settings"])) for vm in read]))
except manifests.Refused as refused:
    print(json.dumps({"refused": refused.reasons}))`,
      { vms, settings: { vcenter_datacenter: 'DC1', ...settings } },
    );

  test('names are inert: braces, quotes, line breaks, words of YAML and characters that it does not print stay what they are', async () => {
    const names = [
      '{{ 7 * 7 }}',
      'it\'s: "x" # no',
      'a\nb',
      'ünïcödé 東京 😀',
      'null',
      '1e3',
      '- x',
      '\u0085\u2028\ufeff\u007f',
      '*',

      '../up',
      '!unsafe',
    ];
    const texts = (await migrations(names)) as string[];
    const read = texts.map(
      (text) =>
        parse(text) as {
          readonly metadata: { readonly name: string };
          readonly spec: { readonly source: { readonly vm: string } };
        },
    );
    expect(read.map(({ spec }) => spec.source.vm)).toEqual(names.map((name) => `/DC1/vm/${name}`));
    for (const { metadata } of read) expect(metadata.name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/);
    expect(new Set(read.map(({ metadata }) => metadata.name.toLowerCase())).size).toBe(names.length);
  });

  test('two VMs never become one migration, also where their names differ in characters that are not kept', async () => {
    const [first, second] = (await migrations(['web 1', 'web_1!', 'web/1'].slice(0, 2))) as string[];
    expect(first!.split('\n')[3]).not.toBe(second!.split('\n')[3]);
    expect(await migrations(['erp/db', 'crm/db'])).toEqual({
      refused: ['import_workloads_vms: erp/db and crm/db would both be the migration db; write migration: NAME at one of them'],
    });
    expect(await migrations(['DB', { name: 'crm/db', migration: 'crm-db' }])).toHaveLength(2);
  });

  test('a name of a migration cannot choose other VMs as a target', async () => {
    expect(await migrations([{ name: 'a', migration: '*' }])).toMatchObject({
      refused: [expect.stringContaining('other characters')],
    });
  });

  test('spec cannot say what the variables say: a cutover that nobody allowed', async () => {
    for (const spec of [{ cutover: true }, { phase: 'cutover' }, { source: { vm: '/DC1/vm/other' } }]) {
      expect(await migrations([{ name: 'a', spec }])).toMatchObject({ refused: [expect.stringContaining('take it out')] });
      expect(await migrations(['a'], { migration_spec: spec })).toMatchObject({
        refused: [expect.stringContaining('take it out')],
      });
    }
    expect(await migrations([{ name: 'a', cutover: 'false' }])).toMatchObject({
      refused: [expect.stringContaining('neither true nor false')],
    });
    expect(await migrations([{ name: 'a', cutovr: true }])).toMatchObject({
      refused: [expect.stringContaining('cutovr, which nothing knows')],
    });
  });

  test('a cutover without a flavor is refused, unless volumes alone are wanted; a seed needs none', async () => {
    expect(await migrations([{ name: 'a', cutover: true }])).toMatchObject({
      refused: [expect.stringContaining('import_workloads_flavor')],
    });
    expect(await migrations([{ name: 'a', cutover: true }], { create_server: false })).toHaveLength(1);
    expect(await migrations(['a'])).toHaveLength(1);
  });

  test("os-migrate's image_metadata becomes imageMetadata without what follows from the source", async () => {
    const given = ["hw_disk_bus='scsi'", "hw_machine_type='q35'", "hw_firmware_type='uefi'", "cinder_img_volume_type='gp3'"];
    const [text] = (await migrations(['a'], { image_metadata: given })) as string[];
    expect(parse(text!)).toMatchObject({ spec: { target: { imageMetadata: { hw_disk_bus: 'scsi' } } } });
    expect(text).not.toMatch(/uefi|gp3/);
    expect(await python('print(json.dumps(manifests.machine_type_of(given)))', given)).toBe('q35');
  });
});

describe('the metadata that os-migrate exports', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'osm-'));
    await mkdir(join(folder, 'db'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const known = (vm: object, settings: object = {}) =>
    python(
      `
try:
    print(json.dumps(metadata.known_of(given["vm"], given["settings"])))
except ValueError as error:
    print(json.dumps(str(error)))`,
      { vm, settings: { metadata_dir: folder, ...settings } },
    );
  const write = (name: string, content: unknown) => writeFile(join(folder, 'db', name), JSON.stringify(content));

  test('tells which VM it is and what its server gets, where nothing else is said; guest_info.json alone tells the first', async () => {
    expect(await known({ name: 'db' })).toEqual({});
    for (const guest of [{ instance_uuid: 'u1', hw_name: 'db' }, { instance: { instance_uuid: 'u1', hw_name: 'db' } }]) {
      await write('guest_info.json', guest);
      expect(await known({ name: 'db' })).toEqual({ instance_uuid: 'u1' });
    }
    await write('import_workloads.json', {
      vm_name: 'db',
      vm_dest_name: 'db-new',
      openstack: { flavor_name_or_uuid: 'f1', nics: '', security_groups: 'sg1' },
      vmware_guest_info: { instance_uuid: 'u2' },
    });
    expect(await known({ name: 'db' })).toEqual({
      instance_uuid: 'u2',
      flavor: 'f1',
      server_name: 'db-new',
      security_groups: 'sg1',
    });
    expect(await known({ name: 'db', flavor: 'mine', instance_uuid: 'u9' })).toEqual({
      server_name: 'db-new',
      security_groups: 'sg1',
    });
    const said = { flavor: 'all', security_groups: ['all'] };
    expect(await known({ name: 'db' }, said)).toEqual({ instance_uuid: 'u2', server_name: 'db-new' });
    expect(await known({ name: 'erp/db' })).toEqual({});
    expect(await known({ name: '..' })).toEqual({});
  });

  test('of another VM, or broken, is refused', async () => {
    await write('import_workloads.json', { vm_name: 'db', vmware_guest_info: { instance_uuid: 'u2', hw_name: 'other' } });
    expect(await known({ name: 'db' })).toContain('is of the VM other, not of db');
    await writeFile(join(folder, 'db', 'import_workloads.json'), '{');
    expect(await known({ name: 'db' })).toContain('cannot be read');
    await write('import_workloads.json', []);
    expect(await known({ name: 'db' })).toContain('is no file of os-migrate');
  });
});

test('a cloud that is given as parameters is one of OS_* variables; what does not fit into them is refused', async () => {
  const auth = { auth_url: 'https://keystone.example.com', username: 'u', project_name: 'p' };
  const dst_cloud = { auth, region_name: 'r1', insecure: true, identity_api_version: 3 };
  const [environment, name] = (await python(
    'print(json.dumps([environment.environment_of("vc", given, {"password": "os"}), manifests._cloud_name({"dst_cloud": given})]))',
    dst_cloud,
  )) as [unknown, unknown];
  expect(environment).toEqual({
    MIGPLAN_VCENTER_PASSWORD: 'vc',
    OS_AUTH_URL: 'https://keystone.example.com',
    OS_USERNAME: 'u',
    OS_PROJECT_NAME: 'p',
    OS_PASSWORD: 'os',
    OS_REGION_NAME: 'r1',
    OS_INSECURE: 'true',
    OS_IDENTITY_API_VERSION: '3',
  });
  expect(name).toBe('envvars');
  const refusal = (given: unknown) =>
    python(
      `
try:
    print(json.dumps(manifests._cloud_name({"dst_cloud": given})))
except manifests.Refused as refused:
    print(json.dumps(refused.reasons))`,
      given,
    );
  expect(await refusal({ ...dst_cloud, regions: ['r1', 'r2'] })).toEqual([expect.stringContaining('this has auth, regions')]);
  expect(await refusal({ cloud: 'x' })).toEqual([expect.stringContaining('this has no auth')]);
  expect(await refusal('prod')).toBe('prod');
});

test('an apply that began something has changed something, unless its exit code promises that it has not', async () => {
  const events = [{ type: 'apply_start' }];
  const changed = (code: number, given: unknown) => python(`print(json.dumps(events.has_changed(${code}, given)))`, given);
  for (const code of [0, 1, 6, 130, 143]) expect(await changed(code, events)).toBe(true);
  expect(await changed(4, events)).toBe(false);
  expect(await changed(0, [])).toBe(false);
});

test('two hundred equal warnings are one; a few are told one by one', async () => {
  const warnings = (count: number) =>
    python(
      'print(json.dumps(events.warnings_of(given)))',
      Array.from({ length: count }, (_, index) => ({
        severity: 'warning',
        code: 'MP2031',
        summary: 'Flavor is smaller',
        detail: 'by 1',
        address: `vm/v${index}`,
      })),
    );
  expect(await warnings(3)).toHaveLength(3);
  expect(await warnings(200)).toEqual([expect.stringMatching(/^Flavor is smaller \[MP2031\], 200 times: vm\/v0, vm\/v1, /)]);
});

test('every exit code of apply but success has words', async () => {
  const documented = [...(await readFile(join(projectRoot, 'docs/exit-codes.md'), 'utf8')).matchAll(/^\| (\d+) \|/gm)].map(
    ([, code]) => Number(code),
  );
  const known = (await python('print(json.dumps(sorted(events.EXIT_MEANS)))')) as number[];
  expect(known).toEqual(documented.filter((code) => ![0, 2, 3].includes(code)));
});

test('the collection has the version of the program, and no task passes secrets in its environment', async () => {
  const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as { readonly version: string };
  expect(await yamlOf(join(collection, 'galaxy.yml'))).toMatchObject({ namespace: 'migplan', name: 'migration', version });
  for (const file of await readdir(join(role, 'tasks'))) {
    const tasks = (await yamlOf(join(role, 'tasks', file))) as readonly Readonly<Record<string, unknown>>[];
    for (const task of tasks) expect(Object.keys(task)).not.toContain('environment');
  }
});
