import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askStarting } from '../../src/cli/ask-starting.js';
import { exampleFile, type Starting, starterFiles } from '../../src/cli/starter-files.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { loadProject } from '../../src/manifest/load.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'init-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const all = (starting?: Starting) => [...starterFiles(starting), exampleFile];

async function loadStarted(starting?: Starting) {
  for (const { path, text } of all(starting)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return loadProject({ cwd: folder, env: {} });
}

test('what init writes is a valid project', async () => {
  const { diagnostics, migrations } = await loadStarted();
  expect(diagnostics).toEqual([]);
  expect(migrations.map(({ name, phase }) => `${name} ${phase}`)).toEqual(['example seed']);
});

test('editors find the schemas that the modelines name', async () => {
  const paths = all().map(({ path }) => path);
  for (const { path, text } of all()) {
    const named = /\$schema=(\S+)/.exec(path.endsWith('.yaml') ? text : '')?.[1];
    if (named !== undefined) expect(paths).toContain(join(dirname(path), named));
  }
});

test('the shipped schemas are the ones it writes', async () => {
  for (const { path, text } of starterFiles().filter((file) => file.path.startsWith('schemas/'))) {
    expect(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
  }
});

test.each<Starting>([
  { vcenter: 'vc01.example.com:8443', cloud: 'prod' },
  { vcenter: '[2001:db8::1]:443', cloud: 'my cloud: #1' },
  { vcenter: '10.0.0.1', cloud: 'null' },
  { vcenter: '1e3', cloud: '"quoted"' },
])('stands in the project as it was said: %j', async (starting) => {
  const { diagnostics, project } = await loadStarted(starting);
  expect(diagnostics).toEqual([]);
  expect(project?.providers['vcenter']).toMatchObject({ server: starting.vcenter });
  expect(project?.providers['openstack']).toMatchObject({ cloud: starting.cloud });
});

test('the README calls the providers as init does', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const namesIn = (text: string) => [...text.matchAll(/^ {4}(\S+):\n {6}type: /gm)].map(([, name]) => name);
  expect(namesIn(starterFiles()[0]!.text)).toEqual(['vcenter', 'openstack']);
  expect(namesIn(readme.slice(readme.indexOf('# migplan.yaml'), readme.indexOf('# manifests/')))).toEqual([
    'vcenter',
    'openstack',
  ]);
});

describe('what is not given', () => {
  const asked: string[] = [];
  const answering =
    (...answers: (string | undefined)[]) =>
    async (question: string) => {
      asked.push(question);
      return answers.shift();
    };
  beforeEach(() => {
    asked.length = 0;
  });

  test('is asked for, and an empty answer takes what is offered', async () => {
    const starting = await askStarting({}, { OS_CLOUD: 'mine' }, answering(' vc.example.com ', ''));
    expect(starting).toEqual({ vcenter: 'vc.example.com', cloud: 'mine' });
    expect(asked.map((question) => /\[(.*)\]: $/.exec(question)![1])).toEqual(['vcenter.example.com', 'mine']);
  });
  test('is not asked for where nobody can be asked, nor what is given', async () => {
    expect(await askStarting({}, {})).toEqual({ vcenter: 'vcenter.example.com', cloud: 'mycloud' });
    expect(await askStarting({ vcenter: 'vc', cloud: 'c' }, {}, answering())).toEqual({ vcenter: 'vc', cloud: 'c' });
    expect(asked).toEqual([]);
  });
  test('ends all when the input ends; what cannot be a vCenter is refused before anything is written', async () => {
    expect(await askStarting({}, {}, answering(undefined))).toBeUndefined();
    expect(await askStarting({}, {}, answering('vc', undefined))).toBeUndefined();
    await expect(askStarting({ vcenter: 'https://vc/' }, {})).rejects.toThrow(DiagnosticsError);
  });
});
