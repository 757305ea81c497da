import { describe, expect, test } from 'vitest';
import { loadProject } from '../../src/manifest/load.js';
import { inFolder, migrationText, projectText } from './in-folder.js';

const project = projectText(`  environments: {prod: {overlay: prod.yaml}}
  variables: {n: {default: 3}}
  windows: {night: {start: "2026-12-01T22:00:00Z", end: "2026-12-02T04:00:00Z"}}`);

const files = (overlay: string) => ({
  'migplan.yaml': project.replace('reader:', 'tls: {caFile: ca.pem}, reader:'),
  'manifests/vm.yaml': migrationText('web01', "  bootDisk: 'scsi0:${var.n}'"),
  'prod.yaml': `apiVersion: migplan.dev/v1alpha1\nkind: Overlay\n${overlay}\n`,
});

/** What migplan says of an overlay, whose line 3 is the first of this text, with what it advises first. */
const said = (overlay: string): Promise<string[]> =>
  inFolder(files(overlay), async (cwd) => {
    const { diagnostics } = await loadProject({ cwd, env: {}, environment: 'prod' });
    return diagnostics.map(({ code, source, detail, nextSteps = [] }) => {
      const place = `${source?.file}:${source?.start.line}:${source?.start.column}`;
      return `${code} ${place} ${detail} (${nextSteps[0]})`;
    });
  });

test('an entry of migrations has a name: how is told', async () => {
  expect(await said('spec: {migrations: [{web01: {phase: seed}}]}')).toEqual([
    'MP1004 prod.yaml:3:20 migrations must be a mapping with fields, found a list (Write the entries of migrations on lines of their own, indented: NAME: VALUE)',
  ]);
});

describe('what is no mapping in an overlay, and must be one', () => {
  test.each<[string, string]>([
    ['spec: [limits]', 'MP1004 prod.yaml:3:7 spec must be a mapping with fields, found a list'],
    ['spec: limits', 'MP1004 prod.yaml:3:7 spec must be a mapping with fields, found the text "limits"'],
    ['spec:', 'MP1004 prod.yaml:3:1 spec has no value, and must be a mapping with fields'],
    ['metadata: [a]\nspec: {}', 'MP1004 prod.yaml:3:11 metadata must be a mapping with fields, found a list'],
    [
      'spec:\n  migrations:\n    - web01: {phase: seed}',
      'MP1004 prod.yaml:5:5 migrations must be a mapping with fields, found a list',
    ],
    ['spec: {migrations: web01}', 'MP1004 prod.yaml:3:20 migrations must be a mapping with fields, found the text "web01"'],
    [
      "spec: {migrations: '${var.n}'}",
      'MP1004 prod.yaml:3:20 migrations must be a mapping with fields, found the text "${var.n}"',
    ],
    ['spec:\n  migrations:', 'MP1004 prod.yaml:4:3 migrations has no value, and must be a mapping with fields'],
    [
      'spec: {migrations: {web01: [phase]}}',
      'MP1004 prod.yaml:3:28 migrations.web01 must be a mapping with fields, found a list',
    ],
    [
      'spec: {migrations: {web01: seed}}',
      'MP1004 prod.yaml:3:28 migrations.web01 must be a mapping with fields, found the text "seed"',
    ],
    ['spec: {migrations: {web01: }}', 'MP1004 prod.yaml:3:21 migrations.web01 has no value, and must be a mapping with fields'],
    [
      'spec: {migrations: {web01: {limits: [delta]}}}',
      'MP1004 prod.yaml:3:37 limits must be a mapping with fields, found a list',
    ],
    ['spec: {defaults: [verify]}', 'MP1004 prod.yaml:3:18 defaults must be a mapping with fields, found a list'],
    ['spec: {defaults: full}', 'MP1004 prod.yaml:3:18 defaults must be a mapping with fields, found the text "full"'],
    ['spec: {defaults: {limits: [delta]}}', 'MP1004 prod.yaml:3:27 defaults.limits must be a mapping with fields, found a list'],
    ['spec: {windows: [night]}', 'MP1004 prod.yaml:3:17 windows must be a mapping with fields, found a list'],
    ['spec: {providers: {vc: prod}}', 'MP1004 prod.yaml:3:24 providers.vc must be a mapping with fields, found the text "prod"'],
    ['spec: {variables: [n]}', 'MP1002 prod.yaml:3:8 spec.variables cannot be changed by an overlay'],
    ['spec: {environments: [prod]}', 'MP1002 prod.yaml:3:8 spec.environments cannot be changed by an overlay'],
  ])('%j', async (text, expected) => {
    const [first = '', ...others] = await said(text);
    expect([first.replace(/ \([^()]*\)$/, ''), others]).toEqual([expected, []]);
  });
});

const fields =
  'source, target, phase, cbtSync, cutover, hwMachineType, bootDisk, guestFamily, limits, shutdown, reseed, adopt, finalSync, verify, sync, window';

describe('null takes away what has a name that is known', () => {
  test.each<[string, readonly string[]]>([
    ['spec: {polcy: null}', ['MP1002 prod.yaml:3:8 spec has no field "polcy" (Did you mean policy?)']],
    ['spec: {defaults: {widnow: null}}', ['MP1002 prod.yaml:3:19 defaults has no field "widnow" (Did you mean window?)']],
    [
      'spec: {defaults: {shutdown: {froce: null, timeout: null}}}',
      ['MP1002 prod.yaml:3:30 defaults.shutdown has no field "froce" (Did you mean force?)'],
    ],
    [
      'spec:\n  migrations:\n    web01: {limits: {dleta: ~}, verfy: }',
      [
        'MP1002 prod.yaml:5:22 migrations.web01.limits has no field "dleta" (Did you mean delta?)',
        'MP1002 prod.yaml:5:33 migrations.web01 has no field "verfy" (Did you mean verify?)',
      ],
    ],
    [
      "spec: {migrations: {web01: {window: {strat: null, cron: '0 22 * * *', duration: 6h, timezone: Europe/Madrid}}}}",
      ['MP1002 prod.yaml:3:38 migrations.web01.window has no field "strat" (Did you mean start?)'],
    ],
    [
      'spec: {migrations: {web01: {spec: null}}}',
      [`MP1002 prod.yaml:3:29 migrations.web01 has no field "spec" (Fields of migrations.web01: ${fields})`],
    ],
    [
      'spec: {providers: {vc: {tls: {cafile: null}, sever: null}}}',
      [
        'MP1002 prod.yaml:3:31 providers.vc.tls has no field "cafile" (Did you mean caFile?)',
        'MP1002 prod.yaml:3:46 providers.vc has no field "sever" (Did you mean server?)',
      ],
    ],
    [
      'spec: {migrations: {web01: {constructor: null}}}',
      [`MP1002 prod.yaml:3:29 migrations.web01 has no field "constructor" (Fields of migrations.web01: ${fields})`],
    ],
    ['spec: {providers: {cluod: null}}', ['MP1002 prod.yaml:3:20 providers has no field "cluod" (Did you mean cloud?)']],
    ['spec: {windows: {nigth: null}}', ['MP1002 prod.yaml:3:18 windows has no field "nigth" (Did you mean night?)']],
    ['spec: {windows: {day: null}}', ['MP1002 prod.yaml:3:18 windows has no field "day" (Fields of windows: night)']],
    [
      'spec: {defaults: {target: {mapping: {networks: {lan: null}}}}}',
      ['MP1002 prod.yaml:3:49 defaults.target.mapping.networks has no field "lan" (Remove lan)'],
    ],
    [
      'spec: {variabels: null}',
      [
        'MP1002 prod.yaml:3:8 spec has no field "variabels" (Fields of spec: providers, conversionHost, defaults, windows, limits, policy, notify, state, trust, migrations)',
      ],
    ],
  ])('%j is told', async (text, expected) => {
    expect(await said(text)).toEqual(expected);
  });

  test.each([
    'spec: {policy: null, notify: null, trust: null, limits: null, conversionHost: null, defaults: null}',
    'spec: {limits: {transfers: null}, defaults: {window: null, target: {volumeType: null, server: null}}}',
    'spec: {providers: {vc: {tls: null, timeouts: null}, cloud: {cloud: null}}}',
    'spec: {windows: {night: null}}',
    'spec: {migrations: {web01: {window: null, bootDisk: null, target: {mapping: {networks: {lan: null}}}}}}',
    "spec: {limits: {transfers: '${var.n}'}, migrations: {web01: {shutdown: {force: null, timeout: '${var.n}m'}}}}",
    'metadata: {note: [a]}\nspec: {migrations: {}}',
  ])('%j is right', async (text) => {
    expect(await said(text)).toEqual([]);
  });
});
