import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadProject } from '../../src/manifest/load.js';
import { encodePlanFile } from '../../src/plan/file/plan-file.js';
import { jsonDiagnostic } from '../../src/views/json-lines.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { type BuiltCli, buildCli } from './built-cli.js';

let cli: BuiltCli;
let folder: string;
const plan = encodePlanFile(samplePlan());

beforeAll(async () => {
  cli = await buildCli();
  folder = await mkdtemp(join(tmpdir(), 'migplan-cli-files-'));
  const files = {
    'plan.json': plan,
    'nothing.json': encodePlanFile(samplePlan([entries.seeded])),
    'altered.json': plan.replace('"created_by": "ops@conv1"', '"created_by": "someone"'),
    'other.json': '{"kind":"Deployment"}',
    'text.json': 'not JSON',
    'untidy.yaml': 'apiVersion: migplan.dev/v1alpha1\nkind:   Project\n',
    'workloads.yml':
      'os_migrate_version: 1.0.5\nresources:\n- _info: {id: i1}\n  _migration_params: {}\n  params: {name: app, flavor_ref: {name: m1}, ports: [], volumes: []}\n  type: openstack.compute.Server\n',
    'migplan.yaml':
      'apiVersion: migplan.dev/v1alpha1\nkind: Project\nmetadata: {name: x}\nspec: {providers: {}, include: [none.yaml], what: 1}\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(async () => {
  await cli[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Row {
  readonly args: string;
  readonly code: number;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
}

const rows: readonly Row[] = [
  { args: '--version', code: 0, stdout: /^migplan \d+\.\d+\.\d+\n$/ },
  { args: 'nonsense', code: 1, stderr: /nonsense is not a migplan command/ },
  { args: 'plan --nonsense', code: 1, stderr: /Nonexistent flag: --nonsense/ },
  {
    args: 'runs list --limit many',
    code: 1,
    stderr: /^Error: Parsing --limit\n {2}Expected an integer but received: many\n\nSee: migplan runs list --help\n$/,
  },
  { args: 'plan --detail wrong', code: 1, stderr: /Expected --detail=wrong to be one of/ },
  { args: 'plan extra', code: 1, stderr: /^Error: Unexpected argument: extra\n\nSee: migplan plan --help\n$/ },
  {
    args: 'plan vm/x y --json',
    code: 1,
    stderr:
      /^Error: Unexpected arguments: vm\/x, y\n {2}- VMs are named with an option: migplan plan --target vm\/x\n\nSee: migplan plan --help\n$/,
  },
  { args: 'runs list vm/x', code: 1, stderr: /^Error: Unexpected argument: vm\/x\n\nSee: migplan runs list --help\n$/ },
  { args: 'runs vm/x', code: 1, stderr: /runs vm\/x is not a migplan command/ },
  { args: 'apply --parallelism 0', code: 1, stderr: /greater than or equal to 1/ },
  { args: 'apply plan.json --target vm/x', code: 1, stderr: /Saved plan is applied as it is \[MP3018\]/ },
  { args: 'apply plan.json --var a=b', code: 1, stderr: /--var cannot be used with a saved plan, which has its values/ },
  {
    args: 'graph --plan plan.json --var a=b',
    code: 1,
    stderr: /cannot also be provided when using/,
  },
  ...['--openstack', '--vcenter', '--probe-machine-types', '--vm x', '--for plan --vm x', '--for sync --openstack'].map(
    (asked) => ({
      args: `doctor ${asked}${asked.startsWith('--for') ? '' : ' --target vm/x'}`,
      code: 1,
      stderr: /cannot also be provided when using/,
    }),
  ),
  ...[
    'show plan.json --json --format markdown',
    'plan --json --format text',
    'doctor --provider x --target vm/x',
    'show plan.json --detail vm --format markdown',
    'show plan.json --detail vm --json',
    'plan --out - --format markdown',
    'plan --out - --detail step',
  ].map((args) => ({
    args,
    code: 1,
    stderr: /cannot also be provided when using/,
  })),
  { args: 'show plan.json --json --format json', code: 0, stdout: /^\{\n {2}"format_version"/ },
  { args: 'status --interval 3', code: 1, stderr: /--interval: --watch/ },
  { args: 'config schema --target vm/x', code: 1, stderr: /^Error: --target cannot be used with schema\n/ },
  { args: 'config schema --env prod', code: 1, stderr: /^Error: --env cannot be used with schema\n/ },
  { args: 'config render --kind Project', code: 1, stderr: /^Error: --kind cannot be used with render\n/ },
  {
    args: 'apply -input=false -auto-approve plan.json -exclude=vm/x',
    code: 1,
    stderr: /--exclude cannot be used with a saved plan/,
  },
  { args: 'fmt --check nothing.yaml', code: 1, stderr: /nothing.yaml cannot be read: there is no such file/ },
  { args: 'fmt --check workloads.yml', code: 1, stderr: /the document has no apiVersion/ },
  { args: 'fmt --check migplan.yaml', code: 0, stdout: /^$/ },
  {
    args: 'fmt --check untidy.yaml --diff',
    code: 3,
    stdout: /^--- a\/untidy.yaml\n\+\+\+ b\/untidy.yaml\n@@ .*\n[\s\S]*\n-kind: {3}Project\n\+kind: Project\n/,
  },
  { args: 'fmt --check untidy.yaml --json', code: 3, stdout: /untidy\.yaml/ },
  { args: 'fmt -', code: 0, stdout: /^$/ },
  { args: '-version', code: 0, stdout: /^migplan \d+\.\d+\.\d+\n$/ },
  { args: 'show plan.json -json', code: 0, stdout: /^\{\n {2}"format_version"/ },
  { args: '-chdir=nowhere plan', code: 1, stderr: /nowhere/ },
  { args: 'plan -lock=false', code: 1, stderr: /Nonexistent flag/ },
  { args: 'plan -lock-timeout=3s', code: 1, stderr: /\[MP1002\]/ },
  { args: 'plan --lock-timeout soon', code: 1, stderr: /^(?!.*MP1002)[\s\S]*\[MP1018\]/ },
  { args: 'apply --lock-timeout soon', code: 1, stderr: /^(?!.*MP1002)[\s\S]*\[MP1018\]/ },
  { args: 'plan --chdir nowhere', code: 1, stderr: /nowhere/ },
  { args: 'show', code: 1, stderr: /Missing 1 required arg/ },
  { args: 'show plan.json', code: 0, stdout: /^Plan: 2 to add, 10 to change, 0 to destroy\./m },
  { args: 'show plan.json --detail vm', code: 0, stdout: /^! vm\/win-fs1 /m },
  { args: 'show plan.json --detail step', code: 0, stdout: /^ {2}! +\d+\. vm\/win-fs1: Powering off /m },
  { args: 'show plan.json --format markdown', code: 0, stdout: /^<!-- migplan-plan [0-9a-f]{16} -->\n### migplan: 2 to add/ },
  { args: 'show plan.json --format gitlab', code: 0, stdout: /^\{"create":2,"update":10,"delete":0\}\n$/ },
  { args: 'show plan.json --format github', code: 0, stdout: /^::error file=manifests\/crm-01\.yaml,line=9,col=3,title=/ },
  { args: 'show plan.json --format json', code: 0, stdout: /^\{\n {2}"format_version"/ },
  { args: 'show plan.json --format wrong', code: 1, stderr: /Expected --format=wrong to be one of/ },
  { args: 'plan --format markdown', code: 1, stderr: /\[MP1002\]/ },
  { args: 'diff plan.json plan.json --detailed-exitcode', code: 0, stdout: /^The plans do the same\. 15 VMs compared\.$/m },
  { args: 'diff plan.json nothing.json --detailed-exitcode', code: 2, stdout: /^ {2}- vm\/win-fs1 \(only in the first plan\)$/m },
  { args: 'diff plan.json nothing.json --json', code: 0, stdout: /"equal": false/ },
  { args: 'diff plan.json nothing.json --detailed-exitcode --json', code: 2, stdout: /"equal": false/ },
  ...[
    'approve altered.json --key none',
    'diff plan.json altered.json',
    'graph --plan altered.json',
    'report altered.json',
    'sign altered.json --key none',
  ].flatMap((args): Row[] => [
    { args, code: 4, stderr: /\[MP3002\]/ },
    { args: `${args} --json`, code: 4, stdout: /"code":"MP3002"/ },
  ]),
  { args: 'diff plan.json', code: 1, stderr: /Missing 1 required arg/ },
  {
    args: 'explain mp2006',
    code: 0,
    stdout: /^MP2006: Changed block tracking was reset\nOf: Blocked by [^\n]+\n\nFound beforehand by:\n {2}\S+ \(\w+\): /,
  },
  { args: 'explain 6001', code: 0, stdout: /^MP6001: Copy failed\nOf: Moving bytes\n\nNo check looks for it beforehand/ },
  { args: 'explain MP2006 --json', code: 0, stdout: /"summary": "Changed block tracking was reset"/ },
  { args: 'explain MP0000', code: 1, stderr: /Code is not known \[MP1035\]/ },
  { args: 'drift', code: 1, stderr: /\[MP1002\]/ },
  { args: 'show nothing.json', code: 0, stdout: /^No changes\. Your infrastructure matches the configuration\.$/m },
  { args: 'show missing.json', code: 1, stderr: /Not a migplan plan file \[MP3001\]\n {2}there is no file \S*missing\.json\n/ },
  { args: 'graph --plan missing.json', code: 1, stderr: /there is no file \S*missing\.json\n {2}- look at its name/ },
  { args: 'show other.json', code: 1, stderr: /\[MP3001\]/ },
  { args: 'show text.json', code: 1, stderr: /\[MP3001\][\s\S]*not JSON/ },
  { args: 'show altered.json', code: 4, stderr: /Plan file was altered \[MP3002\][\s\S]*nothing was changed/ },
  { args: 'show altered.json --json', code: 4, stdout: /^\{.*"type":"diagnostic".*"code":"MP3002".*\}\n$/ },
  { args: 'apply altered.json', code: 4, stderr: /\[MP3002\]/ },
  { args: 'apply altered.json --json', code: 4, stdout: /"code":"MP3002"/ },
  { args: 'apply missing.json', code: 1, stderr: /\[MP3001\]/ },
  { args: 'validate', code: 1, stderr: /\[MP1002\]/ },
  { args: 'validate --json', code: 1, stdout: /^\{\n {2}"format_version": "1\.0",\n {2}"valid": false,/ },
  { args: 'plan', code: 1, stderr: /\[MP1002\]/ },
  {
    args: 'import workloads.yml --provider old --json',
    code: 0,
    stdout: /^\{\n {2}"format_version": "1\.0",\n {2}"files": \[\n {4}\{\n {6}"path": "app\.yaml",\n {6}"text": "/,
  },
  { args: 'import workloads.yml --provider old --out made --json', code: 0, stdout: /"path": ".*made\/app\.yaml"\n/ },
  { args: 'plan --json', code: 1, stdout: /"type":"diagnostic"/ },
  { args: 'status --json', code: 1, stdout: /"type":"diagnostic"/ },
  { args: 'doctor', code: 1, stdout: /^FAIL {2}project/m },
];

describe('in a workflow of GitHub', () => {
  test('the comment becomes the summary of the job, and what later steps decide by its outputs', async () => {
    const [summary, output] = [join(folder, 'summary'), join(folder, 'output')];
    await writeFile(output, 'before=1\n');
    const env = { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output };
    expect((await cli.run(['show', 'plan.json', '--format', 'github'], { cwd: folder, env })).code).toBe(0);
    expect(await readFile(summary, 'utf8')).toMatch(/^<!-- migplan-plan/);
    expect(await readFile(output, 'utf8')).toMatch(/^before=1\nchanges=true\nirreversible=true\nadd=2\n/);
  });
});

describe('init', () => {
  const started = async (files: Readonly<Record<string, string>>, ...args: readonly string[]) => {
    const cwd = await mkdtemp(join(tmpdir(), 'migplan-init-'));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(cwd, name)), { recursive: true });
      await writeFile(join(cwd, name), text);
    }
    const end = await cli.run(['init', ...args], { cwd });
    const manifests = await readdir(join(cwd, 'manifests')).catch(() => []);
    const again = await cli.run(['init', ...args], { cwd });
    const project = await readFile(join(cwd, 'migplan.yaml'), 'utf8').catch(() => '');
    await rm(cwd, { recursive: true, force: true });
    return { code: end.code, said: end.stdout + end.stderr, manifests, again: again.stdout, project };
  };

  test('writes an example where there is nothing, and nothing a second time', async () => {
    const { code, manifests, again, project } = await started({}, '--vcenter', 'vc9.example.com', '--cloud', 'west');
    expect({ code, manifests }).toEqual({ code: 0, manifests: ['example.yaml'] });
    expect(project).toMatch(/server: vc9\.example\.com\n[\s\S]*cloud: west /);
    expect(again).toBe(
      'Everything is there already; nothing was written.\n\n' +
        'migplan.yaml was there already, so not used: --vcenter, --cloud. Write there what is meant.\n',
    );
  });
  test('never adds one to manifests that are there, or to a project of somebody', async () => {
    expect((await started({ 'manifests/deep/web.yaml': 'not even a manifest' })).manifests).toEqual(['deep']);
    expect((await started({ 'migplan.yaml': 'broken: [' })).manifests).toEqual([]);
  });
  test.each<[string, string, (cwd: string) => Promise<unknown>]>([
    ['is a folder', 'migplan.yaml is there and is no file', (cwd) => mkdir(join(cwd, 'migplan.yaml'))],
    ['leads nowhere', 'migplan.yaml is a link that leads nowhere', (cwd) => symlink('gone', join(cwd, 'migplan.yaml'))],
    ['has a file for its folder', 'manifests is no folder', (cwd) => writeFile(join(cwd, 'manifests'), '')],
    ['has a link for its folder', 'manifests leads to ', (cwd) => symlink(tmpdir(), join(cwd, 'manifests'))],
  ])('writes nothing where what it would write %s', async (_, why, prepare) => {
    const cwd = await mkdtemp(join(tmpdir(), 'migplan-init-'));
    await prepare(cwd);
    const before = await readdir(cwd);
    const end = await cli.run(['init'], { cwd });
    expect([end.code, await readdir(cwd)]).toEqual([1, before]);
    expect(end.stderr).toContain(`${why}`);
    expect(end.stderr).toContain('nothing was written');
    await rm(join(cwd, before[0]!), { recursive: true });
    expect((await cli.run(['init'], { cwd })).code).toBe(0);
    await rm(cwd, { recursive: true, force: true });
  });
  test('names what a .gitignore of somebody else does not keep out of git', async () => {
    const ends = ['node_modules\n', '/.migplan\n', '.migplan/\r\n/secure.yaml\r\n'].map((text) =>
      started({ '.gitignore': text }),
    );
    const said = (await Promise.all(ends)).map((end) => end.said.split('not for git:\n')[1]);
    expect(said).toEqual(['    /.migplan/\n    /secure.yaml\n', '    /secure.yaml\n', undefined]);
  });
  test('advises commands for the folder that it was given', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'migplan-init-'));
    await mkdir(join(cwd, 'my move'));
    const { stdout } = await cli.run(['init', '--chdir', 'my move'], { cwd });
    expect(stdout).toContain("\n    migplan validate --chdir 'my move'\n");
    await rm(cwd, { recursive: true, force: true });
  });
  test('refuses what is no vCenter before it writes anything', async () => {
    const { code, said, project } = await started({}, '--vcenter', 'https://vc/sdk');
    expect({ code, project }).toEqual({ code: 1, project: '' });
    expect(said).toContain('"https://vc/sdk" is not HOST or HOST:PORT');
  });
});

describe('exit codes', () => {
  test.each(rows)('migplan $args: $code', async ({ args, code, stdout = /^/, stderr = /^/ }) => {
    const end = await cli.run(args.split(' '), { cwd: folder });
    expect(end.stdout).toMatch(stdout);
    expect(end.stderr).toMatch(stderr);
    expect(end.code).toBe(code);
    // No stack of ours is shown for what a user can do wrong.
    expect(end.stdout + end.stderr).not.toMatch(/MP9001|\n {4}at /);
  });

  test('no project at all', async () => {
    const end = await cli.run(['validate']);
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining('[MP1013]') });
  });

  test('a conversion host elsewhere is refused before anything is planned on it', async () => {
    const project = await mkdtemp(join(tmpdir(), 'migplan-cli-ssh-'));
    const openstack = 'cloud: {type: openstack, cloud: c, access: {type: cinder}}';
    const vmware = 'vc: {type: vmware, server: vc, user: u, password: "env:P", reader: {type: vddk, libdir: /x}}';
    await writeFile(
      join(project, 'migplan.yaml'),
      `apiVersion: migplan.dev/v1alpha1\nkind: Project\nmetadata: {name: x}\nspec:\n  providers: {${openstack}, ${vmware}}\n  conversionHost: {executor: ssh, host: conv1}\n  include: ["m.yaml"]\n`,
    );
    await writeFile(
      join(project, 'm.yaml'),
      'apiVersion: migplan.dev/v1alpha1\nkind: Migration\nmetadata: {name: a}\nspec: {source: {provider: vc, vm: /D/vm/a}, target: {provider: cloud}, phase: seed}\n',
    );
    const end = await cli.run(['plan'], { cwd: project });
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining('[MP8004]') });
    expect(end.stderr).toContain('conv1');
    expect((await cli.run(['validate'], { cwd: project })).code).toBe(0);
    await rm(project, { recursive: true, force: true });
  });

  test('--chdir: files are looked for there', async () => {
    expect((await cli.run(['show', 'plan.json', '--chdir', folder])).code).toBe(0);
  });

  test('show --json gives the file byte for byte', async () => {
    expect((await cli.run(['show', 'plan.json', '--json'], { cwd: folder })).stdout).toBe(plan);
  });

  test('the generated pages of docs/ are what the program says', async () => {
    for (const part of ['scripts/generate-docs.mjs', 'docs', 'src/commands']) {
      await cp(join(import.meta.dirname, '../..', part), join(cli.folder, part), { recursive: true });
    }
    const check = promisify(execFile)(process.execPath, [join(cli.folder, 'scripts/generate-docs.mjs'), '--check']);
    await expect(check).resolves.toMatchObject({ stderr: '' });
  });

  test('a pipe that is closed early is no crash', async () => {
    const shown = execFileSync(
      'sh',
      ['-c', `"${process.execPath}" "${join(cli.folder, 'bin/run.js')}" show plan.json | head -1`],
      {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    expect(shown).toContain('2 VMs go down: batch-02');
  });
});

/** As they are typed: `runs list` is in runs/list.ts. */
const commands = readdirSync(join(import.meta.dirname, '../../src/commands'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replace(/\.ts$/, '').replace(sep, ' '))
  .sort();

test.each(['', ...commands])('help of "%s"', async (command) => {
  const end = await cli.run([...command.split(' ').filter((word) => word !== ''), '--help']);
  expect(end.code).toBe(0);
  // The platform and version of this machine are not the help's.
  const text = end.stdout.replace(/migplan\/\S+ \S+ node-v\S+/, 'migplan/VERSION');
  await expect(text).toMatchFileSnapshot(`../golden/help-${command === '' ? 'migplan' : command.replace(' ', '-')}.txt`);
});

// Libraries that are told to by DEBUG print what they are answered, past all that strikes secrets.
test('DEBUG makes nobody say anything', async () => {
  const end = await cli.run(['show', 'plan.json', '--detail', 'vm'], { cwd: folder, env: { DEBUG: '*' } });
  expect(end).toMatchObject({ code: 0, stderr: '' });
});

test('standard input is left to the script that calls', () => {
  const script = `printf 'one\ntwo\n' | while read -r vm; do "${process.execPath}" bin/run.js apply --chdir "$0" --auto-approve; echo "$vm"; done`;
  const { stdout } = spawnSync('sh', ['-c', script, join(cli.folder, 'nowhere')], { encoding: 'utf8' });
  expect(stdout).toBe('one\ntwo\n');
});

// What is shipped does not compile its schemas when it starts: it brings code that was made of them.
test('every mistake of the examples is told as the schemas themselves would', async () => {
  const cwd = join(cli.folder, '..', `examples-${process.pid}`);
  try {
    await cp('examples/invalid', join(cwd, 'manifests'), { recursive: true });
    await cp('examples/invalid/migplan.yaml', join(cwd, 'migplan.yaml'));
    const { diagnostics } = await loadProject({ cwd, env: {} });
    expect(diagnostics.length).toBeGreaterThan(50);
    const { stdout } = await cli.run(['validate', '--json'], { cwd });
    const told = JSON.parse(stdout) as { readonly diagnostics: unknown };
    expect(told.diagnostics).toEqual(JSON.parse(JSON.stringify(diagnostics.map(jsonDiagnostic))));
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});
