import { describe, expect, test } from 'vitest';
import type { SettingsOptions } from '../../src/manifest/environment/settings.js';
import { type LoadedProject, loadProject } from '../../src/manifest/load.js';
import { inFolder, migrationText, projectText } from './in-folder.js';

type Files = Readonly<Record<string, string>>;
type Asked = SettingsOptions & { readonly env?: Readonly<Record<string, string>> };

const load = (files: Files, { env = {}, ...asked }: Asked = {}): Promise<LoadedProject> =>
  inFolder({ 'manifests/vm.yaml': migrationText('web01'), ...files }, (cwd) => loadProject({ cwd, env, ...asked }));

const told = ({ diagnostics }: LoadedProject): string[] =>
  diagnostics.map(({ code, source, detail }) => {
    const place = source === undefined ? '' : ` ${source.file}:${source.start.line}:${source.start.column}`;
    return `${code}${place} ${detail}`;
  });

const vmWith = (lines: string): Files => ({ 'manifests/vm.yaml': migrationText('web01', lines) });
const server = "  target: {provider: cloud, server: {flavor: '${var.flavor}', networks: [lan]}}";
const usesFlavor = { 'manifests/vm.yaml': migrationText('web01').replace('  target: {provider: cloud}', server) };
const declares = (variables: string, more = ''): Files => ({ 'migplan.yaml': projectText(`  variables: ${variables}\n${more}`) });
const flavorOf = ({ migrations }: LoadedProject): unknown => migrations[0]?.target.server?.flavor;

describe('variables', () => {
  const files = {
    ...declares('{flavor: {default: m1.small}}', '  environments: {prod: {variables: {flavor: m1.large}}, test: {}}'),
    ...usesFlavor,
  };

  test.each<[string, Asked, string]>([
    ['the default', {}, 'm1.small'],
    ['the environment before the default', { environment: 'prod' }, 'm1.large'],
    ['an environment that says nothing', { environment: 'test' }, 'm1.small'],
    ['a variable of the environment before both', { environment: 'prod', env: { MIGPLAN_VAR_flavor: 'm1.huge' } }, 'm1.huge'],
    ['a flag before all', { environment: 'prod', env: { MIGPLAN_VAR_flavor: 'm1.huge' }, variables: ['flavor=m1=x'] }, 'm1=x'],
    ['the last of two flags', { variables: ['flavor=a', 'flavor=b'] }, 'b'],
    ['MIGPLAN_ENV chooses the environment', { env: { MIGPLAN_ENV: 'prod' } }, 'm1.large'],
    ['--env comes before MIGPLAN_ENV', { environment: 'test', env: { MIGPLAN_ENV: 'prod' } }, 'm1.small'],
    [
      'a saved plan before all of them',
      {
        env: { MIGPLAN_ENV: 'test', MIGPLAN_VAR_flavor: 'm1.huge' },
        saved: { environment: 'prod', variables: { flavor: 'm1.saved' } },
      },
      'm1.saved',
    ],
  ])('%s', async (_, asked, flavor) => {
    const loaded = await load(files, asked);
    expect(told(loaded)).toEqual([]);
    expect(flavorOf(loaded)).toBe(flavor);
    expect(loaded.settings.variables).toEqual({ flavor });
  });

  test('an empty MIGPLAN_ENV is none where there is none to choose', async () => {
    const loaded = await load({ ...declares('{flavor: {default: m1.small}}'), ...usesFlavor }, { env: { MIGPLAN_ENV: '' } });
    expect([told(loaded), flavorOf(loaded)]).toEqual([[], 'm1.small']);
  });

  test('what was chosen is told, and a saved plan that says it gives the same again', async () => {
    const first = await load(files, { environment: 'prod', variables: ['flavor=x'] });
    expect(first.settings).toEqual({ environment: 'prod', variables: { flavor: 'x' } });
    const again = await load(files, { saved: first.settings, env: { MIGPLAN_ENV: 'test' } });
    expect([again.settings, again.configDigest]).toEqual([first.settings, first.configDigest]);
  });

  test('stand anywhere in a text, more than once, and $${ is the text itself', async () => {
    const loaded = await load({
      ...declares('{a: {default: x}, b: {default: y}}'),
      ...vmWith('  bootDisk: "${var.a}-${var.b}${var.a} $${var.a} $5 {x} $"'),
    });
    expect(told(loaded)).toEqual([]);
    expect(loaded.migrations[0]?.bootDisk).toBe('x-yx ${var.a} $5 {x} $');
  });

  test('have types: alone in a text they are what they are, inside of one they are text', async () => {
    const loaded = await load(
      {
        ...declares(
          '{n: {default: 3}, on: {type: boolean}, zeros: {default: "0"}}',
          "  limits: {transfers: '${var.n}'}\n  defaults: {shutdown: {force: '${var.on}'}, bootDisk: 'scsi0:${var.n}${var.zeros}'}",
        ),
      },
      { env: { MIGPLAN_VAR_on: 'true' }, variables: ['n=5', 'zeros=007'] },
    );
    expect(told(loaded)).toEqual([]);
    expect(loaded.project?.limits.transfers).toBe(5);
    expect(loaded.migrations[0]).toMatchObject({ shutdown: { force: true }, bootDisk: 'scsi0:5007' });
    expect(loaded.settings.variables).toEqual({ n: 5, on: true, zeros: '007' });
  });

  test('a value is never looked into, nor is what it makes of a text', async () => {
    const loaded = await load({
      ...declares('{a: {default: "$"}, b: {default: "{var.a}"}}'),
      ...vmWith("  bootDisk: '${var.a}${var.b}'"),
    });
    expect(told(loaded)).toEqual([]);
    expect(loaded.migrations[0]?.bootDisk).toBe('${var.a}');
  });

  test.each<[string, Files, Asked, readonly string[]]>([
    [
      'not declared, with its place in the file',
      { 'migplan.yaml': projectText(), ...vmWith("  bootDisk: '${var.flavor}'") },
      {},
      ['MP1042 manifests/vm.yaml:7:13 the Project declares no variable "flavor"'],
    ],
    [
      'without a value, wherever it is used',
      { ...declares('{flavor: {}}'), ...vmWith("  bootDisk: '${var.flavor} ${var.flavor}'") },
      {},
      ['MP1043 manifests/vm.yaml:7:13 variable flavor has no value'],
    ],
    [
      'given and not declared',
      declares('{}'),
      { variables: ['flavour=x'] },
      ['MP1042 --var gives "flavour" a value, and the Project declares no such variable'],
    ],
    ['a flag without =', declares('{}'), { variables: ['flavour'] }, ['MP1048 --var "flavour" has no =']],
    [
      'of another type',
      { ...declares('{n: {type: number}}'), ...vmWith("  bootDisk: '${var.n}'") },
      { variables: ['n=1e9'] },
      ['MP1048 migplan.yaml:8:18 the value of variable n (--var) is the text "1e9", and must be a number'],
    ],
    [
      'a number that would lose digits',
      { ...declares('{n: {default: 12345678901234567890}}'), ...vmWith("  bootDisk: 'x${var.n}'") },
      {},
      [
        'MP1048 migplan.yaml:8:28 the value of variable n is the number 12345678901234567000, which is too large to keep all its digits',
      ],
    ],
    [
      'of another type in an environment',
      { ...declares('{s: {type: string}}', '  environments: {prod: {variables: {s: 5}}}'), ...vmWith("  bootDisk: '${var.s}'") },
      { environment: 'prod' },
      [
        'MP1048 migplan.yaml:9:40 the value of variable s in environment prod is the number 5, and must be text (put it in quotes)',
      ],
    ],
    [
      'of an environment and not declared',
      declares('{}', '  environments: {prod: {variables: {s: x}}}'),
      { environment: 'prod' },
      ['MP1042 migplan.yaml:9:37 the Project declares no variable "s"'],
    ],
    [
      'that names another: no circles, no surprises',
      { ...declares("{a: {default: '${var.b}'}, b: {default: '${var.a}'}}"), ...vmWith("  bootDisk: '${var.a}${var.b}'") },
      {},
      ['a', 'b'].map(
        (name, index) =>
          `MP1048 migplan.yaml:8:${28 + 26 * index} the value of variable ${name} has \${ in it, and the value of a variable is never looked into for others`,
      ),
    ],
    [
      'written as something that is another text, without a type',
      {
        ...declares('{a: {default: 1.10}, b: {type: number, default: 1.10}}', '  environments: {prod: {variables: {a: 0x10}}}'),
        ...vmWith("  bootDisk: '${var.a}${var.b}'"),
      },
      {},
      ['MP1048 migplan.yaml:8:28 the value of variable a is written 1.10, and stands for 1.1 in texts'],
    ],
    [
      'written so in an environment',
      {
        ...declares('{a: {default: 2}}', '  environments: {prod: {variables: {a: 010.0}}}'),
        ...vmWith("  bootDisk: '${var.a}'"),
      },
      { environment: 'prod' },
      ['MP1048 migplan.yaml:9:40 the value of variable a in environment prod is written 010.0, and stands for 10 in texts'],
    ],
    [
      'true or false in another spelling',
      { ...declares('{a: {default: True}}'), ...vmWith("  bootDisk: '${var.a}'") },
      {},
      ['MP1048 migplan.yaml:8:28 the value of variable a is written True, and stands for true in texts'],
    ],
    [
      'endless',
      { ...declares('{a: {}}'), ...vmWith("  bootDisk: '${var.a}'") },
      { variables: [`a=${'x'.repeat(1025)}`] },
      ['MP1048 migplan.yaml:8:18 the value of variable a (--var) is longer than 1024 characters'],
    ],
    [
      'misspelt',
      {
        ...declares('{a: {default: x}}'),
        ...vmWith("  bootDisk: '${var.a}'\n  hwMachineType: '${vars.a}'\n  guestFamily: '${a'\n  phase: '${}'"),
      },
      {},
      [
        'MP1045 manifests/vm.yaml:8:18 "${vars.a}" is no variable',
        'MP1045 manifests/vm.yaml:9:16 "${a" is no variable',
        'MP1045 manifests/vm.yaml:10:10 "${}" is no variable',
      ],
    ],
    [
      'declared and used nowhere',
      declares('{a: {default: x}}'),
      {},
      ['MP1044 migplan.yaml:8:15 variable a is declared and used nowhere'],
    ],
    ['with a name that is none', declares('{"a-b": {}}'), {}, ['MP1018 migplan.yaml:8:15 "a-b" cannot be a name in variables']],
    [
      'with a default that is a list',
      declares('{a: {default: [x]}}'),
      {},
      ['MP1004 migplan.yaml:8:28 variables.a.default must be text, a number or true or false, found a list'],
    ],
  ])('%s', async (_, files, asked, expected) => {
    const found = told(await load(files, asked)).filter(
      (line) => !line.startsWith('MP1005') && !line.startsWith('MP1018 manifests'),
    );
    expect(found).toEqual(expected);
  });

  test('the name that was meant is told', async () => {
    const loaded = await load(
      { ...declares('{flavor: {default: x}}'), ...vmWith("  bootDisk: '${var.flavour}'") },
      { variables: ['flavr=x'] },
    );
    expect(loaded.diagnostics.map(({ nextSteps }) => nextSteps?.[0])).toEqual(['Did you mean flavor?', 'Did you mean flavor?']);
  });

  test("MIGPLAN_VAR_ of a name that this Project does not declare is another one's business", async () => {
    expect(
      told(await load({ 'migplan.yaml': projectText() }, { env: { MIGPLAN_VAR_other: 'x', MIGPLAN_VAR_constructor: 'y' } })),
    ).toEqual([]);
  });

  test('one that is nearly a variable of the Project is told, unless that has a value from there', async () => {
    const files = { ...declares('{flavor: {default: x}}'), ...vmWith("  bootDisk: '${var.flavor}'") };
    const loaded = await load(files, { env: { MIGPLAN_VAR_FLAVOUR: 'y', MIGPLAN_VAR_zone: 'z', MIGPLAN_VAR_: 'e' } });
    expect(loaded.diagnostics).toMatchObject([
      {
        severity: 'warning',
        code: 'MP1042',
        detail: 'MIGPLAN_VAR_FLAVOUR is set and gives no variable of the Project a value',
        nextSteps: ['Did you mean MIGPLAN_VAR_flavor?'],
        source: { file: 'migplan.yaml', start: { line: 8, column: 15 } },
      },
    ]);
    expect(loaded.migrations).toHaveLength(1);
    expect(told(await load(files, { env: { MIGPLAN_VAR_flavor: 'a', MIGPLAN_VAR_flavour: 'y' } }))).toEqual([]);
    const saved = { variables: { flavor: 'a' } };
    expect(told(await load(files, { env: { MIGPLAN_VAR_flavour: 'y' }, saved }))).toEqual([]);
  });

  test('a value that is wrong for its field is told where the variable stands', async () => {
    const loaded = await load({ ...declares('{d: {default: 10 GB}}'), ...vmWith("  limits: {delta: '${var.d}'}") });
    expect(told(loaded)).toEqual(['MP1018 manifests/vm.yaml:7:19 limits.delta must be a size, found the text "10 GB"']);
  });

  test('a password cannot be one, and is not repeated; a reference to one can', async () => {
    const project = (value: string) =>
      projectText(`  variables: {p: {default: '${value}'}}`).replace("'env:VC_PASSWORD'", "'${var.p}'");
    const wrong = await load({ 'migplan.yaml': project('hunter2') });
    expect(told(wrong).join()).toContain('must be a reference to a secret');
    expect(JSON.stringify(wrong.diagnostics)).not.toContain('hunter2');
    expect((await load({ 'migplan.yaml': project('env:OTHER') })).project?.providers['vc']).toMatchObject({
      password: { name: 'OTHER' },
    });
  });

  test('patterns of files and names of migrations may have them', async () => {
    const loaded = await load(
      {
        ...declares('{site: {default: a}}', "  include: ['${var.site}/*.yaml']"),
        'b/vm.yaml': migrationText('web').replace('{name: web}', '{name: "${var.site}-web"}'),
      },
      { variables: ['site=b'] },
    );
    expect(loaded.migrations.map(({ name }) => name)).toEqual(['b-web']);
  });
});

const overlay = (spec: string): string => `apiVersion: migplan.dev/v1alpha1\nkind: Overlay\nspec:\n${spec}`;
const environments = '  environments: {prod: {overlay: overlays/prod.yaml}, test: {}}\n';

describe('overlays', () => {
  const files = (spec: string, project = environments): Files => ({
    'migplan.yaml': projectText(project),
    'overlays/prod.yaml': overlay(spec),
  });
  const prod = { environment: 'prod' };

  test('are merged over the Project: mappings are merged, lists replaced, null removes', async () => {
    const loaded = await load(
      {
        ...files(
          '  providers: {cloud: {cloud: prod}, vc: {tls: null}}\n  include: [other]\n'.replace('  include: [other]\n', '') +
            '  defaults: {verify: full}\n  limits: {transfers: 8}\n',
          `${environments}  defaults: {verify: off, finalSync: skip}\n`,
        ),
      },
      prod,
    );
    expect(told(loaded)).toEqual([]);
    expect(loaded.project?.providers['cloud']).toMatchObject({ cloud: 'prod', access: { type: 'cinder' } });
    expect(loaded.project?.limits.transfers).toBe(8);
    expect(loaded.migrations[0]).toMatchObject({ verify: 'full', finalSync: 'skip' });
    expect(loaded.files.map(({ path }) => path)).toEqual(['migplan.yaml', 'overlays/prod.yaml', 'manifests/vm.yaml']);
  });

  test('say something of single migrations, after their manifest', async () => {
    const loaded = await load(
      {
        ...files('  migrations: {web01: {phase: sync, verify: null, limits: {delta: 2GiB}}}\n'),
        ...vmWith('  verify: full\n  phase: seed\n  limits: {downtime: 5m}'),
      },
      prod,
    );
    expect(told(loaded)).toEqual([]);
    expect(loaded.migrations[0]).toMatchObject({
      phase: 'sync',
      verify: 'sample',
      limits: { deltaBytes: 2 * 2 ** 30, downtimeSeconds: 300 },
    });
    expect(loaded.migrations[0]?.ranges['spec.phase']).toMatchObject({
      file: 'overlays/prod.yaml',
      start: { line: 4, column: 31 },
    });
    expect(loaded.migrations[0]?.ranges['spec.limits.downtime']).toMatchObject({ file: 'manifests/vm.yaml' });
  });

  test('without the environment nothing of it is read', async () => {
    const loaded = await load({ 'migplan.yaml': projectText(environments), 'overlays/prod.yaml': 'a: [' });
    expect(told(loaded)).toEqual([]);
    expect(loaded.settings).toEqual({ variables: {} });
  });

  test('may use variables', async () => {
    const loaded = await load(
      files("  defaults: {bootDisk: '${var.d}'}\n", `${environments}  variables: {d: {default: scsi0:1}}\n`),
      prod,
    );
    expect(told(loaded)).toEqual([]);
    expect(loaded.migrations[0]?.bootDisk).toBe('scsi0:1');
  });

  test.each<[string, Files, Asked, readonly string[]]>([
    [
      'an environment that is not declared',
      { 'migplan.yaml': projectText(environments) },
      { environment: 'pord' },
      ['MP1046 the Project has no environment "pord"'],
    ],
    [
      'where none is',
      { 'migplan.yaml': projectText() },
      { environment: 'prod' },
      ['MP1046 the Project has no environment "prod"'],
    ],
    [
      'one of a name that every object has',
      { 'migplan.yaml': projectText() },
      { environment: 'constructor' },
      ['MP1046 the Project has no environment "constructor"'],
    ],
    [
      'an empty one, as of a variable of a pipeline that is not set',
      { 'migplan.yaml': projectText(environments) },
      { environment: '' },
      ['MP1046 the name of the environment is empty (--env, or else MIGPLAN_ENV), and the Project has some'],
    ],
    [
      'an empty one of the environment of the process',
      { 'migplan.yaml': projectText(environments) },
      { env: { MIGPLAN_ENV: '' } },
      ['MP1046 the name of the environment is empty (--env, or else MIGPLAN_ENV), and the Project has some'],
    ],
    [
      'a file that is not there',
      { 'migplan.yaml': projectText(environments) },
      prod,
      ['MP1012 overlays/prod.yaml cannot be read: there is no such file'],
    ],
    [
      'a field that is not one, at its place',
      files('  limits: {transfres: 4}\n'),
      prod,
      ['MP1002 overlays/prod.yaml:4:12 limits has no field "transfres"'],
    ],
    [
      'a value that is wrong, at its place',
      files('  limits: {transfers: 400}\n'),
      prod,
      ['MP1018 overlays/prod.yaml:4:23 limits.transfers must be from 1 to 64, found the number 400'],
    ],
    [
      'a migration that is not there',
      files('  migrations: {web02: {phase: sync}}\n'),
      prod,
      ['MP1047 overlays/prod.yaml:4:16 no manifest is called "web02"'],
    ],
    [
      'a wrong value of a migration',
      files('  migrations: {web01: {phase: snyc}}\n'),
      prod,
      ['MP1005 overlays/prod.yaml:4:31 phase is "snyc", and must be seed, sync or cutover'],
    ],
    [
      'what must be known before it is read',
      files('  variables: {a: {}}\n  include: [x]\n'),
      prod,
      [
        'MP1002 overlays/prod.yaml:4:3 spec.variables cannot be changed by an overlay',
        'MP1002 overlays/prod.yaml:5:3 spec.include cannot be changed by an overlay',
      ],
    ],
    [
      'another kind of document',
      { ...files(''), 'overlays/prod.yaml': migrationText('x') },
      prod,
      [
        'MP1008 overlays/prod.yaml:1:1 an overlay is one document with apiVersion, kind: Overlay and spec (metadata if you like), and nothing else',
      ],
    ],
    [
      'two documents',
      { ...files(''), 'overlays/prod.yaml': `${overlay('  limits: {}\n')}---\n${overlay('  limits: {}\n')}` },
      prod,
      ['MP1008 overlays/prod.yaml:6:1 overlays/prod.yaml has more than one document, and an overlay is one'],
    ],
    [
      'no YAML',
      { ...files(''), 'overlays/prod.yaml': 'a: [' },
      prod,
      ['MP1006 overlays/prod.yaml:1:5 the indentation does not fit the lines above, or a [ or { above is not closed'],
    ],
    [
      'a path that leads out',
      { 'migplan.yaml': projectText('  environments: {prod: {overlay: ../x.yaml}}') },
      {},
      [
        'MP1018 migplan.yaml:8:34 environments.prod.overlay must be a path of a file below the project folder, found the text "../x.yaml"',
      ],
    ],
  ])('%s', async (_, given, asked, expected) => {
    expect(told(await load(given, asked))).toEqual(expected);
  });

  test('an environment is part of what a plan is made from, also when it changes nothing', async () => {
    const files2 = { 'migplan.yaml': projectText('  environments: {a: {}, b: {}}\n') };
    const digests = await Promise.all(
      [{}, { environment: 'a' }, { environment: 'b' }].map(async (asked) => (await load(files2, asked)).configDigest),
    );
    expect(new Set(digests).size).toBe(3);
  });
});

test('a time for the command of a policy that has none is told with its place', async () => {
  const policy = (text: string) => load({ 'migplan.yaml': projectText(`  policy: ${text}`), ...vmWith('') });
  const why = 'policy.commandTimeout is for a command, and there is none';
  expect(told(await policy('{cutovers: 3, commandTimeout: 5s}'))).toEqual([`MP1018 migplan.yaml:8:25 ${why}`]);
  expect(told(await policy('{command: [./check], commandTimeout: 5s}'))).toEqual([]);
});

describe('policy.environment beside the environment that is chosen', () => {
  const files = declares(
    '{}',
    '  environments: {staging: {overlay: staging.yaml}, production: {}}\n  policy: {environment: production}',
  );
  const overlay = (spec: string) => ({ 'staging.yaml': `apiVersion: migplan.dev/v1alpha1\nkind: Overlay\nspec: ${spec}\n` });

  test.each<[string, Asked, readonly string[]]>([
    ['none is chosen', {}, []],
    ['the same', { environment: 'production' }, []],
    ['another', { environment: 'staging' }, ['policy.environment is "production", and environment "staging" is chosen']],
    ['another, by MIGPLAN_ENV', { env: { MIGPLAN_ENV: 'staging' } }, ['environment "staging" is chosen']],
  ])('%s', async (_name, asked, expected) => {
    const loaded = await load({ ...files, ...overlay('{}') }, asked);
    expect(told(loaded)).toEqual(expected.map((text) => expect.stringContaining(text)));
    expect(told(loaded).every((line) => /^MP1030 migplan\.yaml:\d+:\d+ /.test(line))).toBe(true);
  });

  test('an overlay that says its own', async () => {
    const loaded = await load({ ...files, ...overlay('{policy: {environment: staging}}') }, { environment: 'staging' });
    expect(told(loaded)).toEqual([]);
  });
});
