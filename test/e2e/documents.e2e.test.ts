import { copyFile, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type OldCloud, oldCloud } from '../../lab/harness/parts/old-cloud.js';
import { type SimulatedCloud, simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { projectRoot } from '../../lab/harness/project-root.js';
import { commandsOf, type Fence, pages, shellOf } from '../docs/fences.js';
import { Origin, PipelinePeople } from './pipeline-people.js';
import { exampleYaml } from './pipeline-run.js';
import { migplan } from './steps.js';
import { Typist } from './typist.js';

// Goal: whoever types what the documents say meets no error. Method: every block of commands is typed by a real shell, in a project
// that has the names of the documents.

/** Pages whose commands are typed by tests that have what they need. */
const elsewhere: Readonly<Record<string, string>> = {
  'docs/approvals.md': 'approvals.e2e.test.ts',
  'docs/ansible.md': 'ansible.e2e.test.ts',
  'ansible/README.md': 'ansible.e2e.test.ts',
  'docs/images-and-nbd.md': 'images.e2e.test.ts',
};
const INSTALL = 'docs/install.md';
/** As the documents call one. */
const SOME_RUN = '79o62r26nsg2';

let bench: Bench;
let clouds: Bench<OldCloud, SimulatedCloud>;
let typist: Typist;

beforeAll(async () => {
  [bench, clouds, typist] = await Promise.all([
    Bench.open({ source: vcenter([{ name: 'erp-db01' }, { name: 'web01' }]), target: simulatedCloud() }),
    Bench.open({ source: oldCloud(), target: simulatedCloud() }),
    Typist.hire(),
  ]);
  for (const name of ['legacy-app', 'erp-app']) await clouds.source.plant({ name, volumes: [{ sizeGiB: 1 }] });
});
afterAll(async () => {
  for (const each of [typist, clouds, bench]) await each[Symbol.asyncDispose]();
});

const nameOf = (page: string): string => page.replaceAll(/\W+/g, '-');
const MORE_OF_THE_PROJECT = '  variables: {flavor: {default: m1.small}}\n  environments: {prod: {}, test: {}}\n';

/** What a page begins with: manifests of two VMs of one wave, and plans that were saved before. */
async function projectFor(page: string): Promise<LabProject> {
  const project = await bench.project(nameOf(page));
  for (const vm of ['erp-db01', 'web01']) {
    await project.manifest(vm, `source: {vm: /DC1/vm/${vm}}\nphase: sync`);
    await project.edit(`manifests/${vm}.yaml`, (text) => text.replace('}\nspec', ', labels: {wave: "10"}}\nspec'));
  }
  await project.edit(
    'migplan.yaml',
    (text) => `${text.replaceAll('vc-prod', 'vcenter').replaceAll('rhoso-prod', 'openstack')}${MORE_OF_THE_PROJECT}`,
  );
  await migplan(project, ['plan', '--out', 'approved.json']);
  // There is a run to be looked at.
  await migplan(project, ['apply', 'approved.json']);
  for (const name of ['now.json', 'plan.json']) await copyFile(join(project.folder, 'approved.json'), join(project.folder, name));
  return project;
}

const isAboutOldCloud = ({ text }: Fence): boolean => /old-cloud|rhosp13|workloads\.yml/.test(text);
/** Ways to do one thing stand side by side; nobody types all of them into one folder. */
const inOldCloud = (command: string): string =>
  command.replace('old-cloud', 'rhosp13').replace(/^(?=.*--out manifests)/, 'rm -f manifests/*; ');

/** A new project is begun in a folder of its own; a run is called by the name that it got. Keys of people are in approvals.e2e.test.ts. */
const asHere = (command: string): string =>
  command
    .replace(/^migplan (?:sign|approve|verify)\b.*/, 'true')
    // Watched until somebody has seen enough.
    .replace(/^migplan status --watch.*/, 'timeout --preserve-status -s INT 5 $&; code=$?; test $code -eq 0 -o $code -eq 130')
    .replace(/^migplan init.*/, '(mkdir -p new && cd new && $&)')
    .replace(SOME_RUN, '$(ls -t .migplan/runs | head -n 1)');

const typed = pages.filter((page) => shellOf(page).length > 0);

describe('what is to be typed can be typed', () => {
  test.each(typed.filter((page) => elsewhere[page] === undefined && page !== INSTALL))('%s', async (page) => {
    const fences = shellOf(page).filter((fence) => !isOfLanding(fence));
    const rest = fences.filter((fence) => !isAboutOldCloud(fence));
    await typist.type(await projectFor(page), rest, asHere);
    await typist.type(await clouds.project(nameOf(page)), fences.filter(isAboutOldCloud), inOldCloud);
  });

  test(`${INSTALL}: packed, installed, and it answers; the packages of the programs exist`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'checkout-'));
    try {
      for (const name of ['package.json', 'README.md', 'LICENSE', 'oclif.manifest.json', 'bin', 'schemas', 'dist/cli'])
        await cp(join(projectRoot, name), join(folder, name), { recursive: true });
      await mkdir(join(folder, 'prefix'));
      const environment = {
        npm_config_prefix: join(folder, 'prefix'),
        // What stands here was built.
        npm_config_ignore_scripts: 'true',
        DEBIAN_FRONTEND: 'noninteractive',
      };
      await typist.type({ folder, environment }, shellOf(INSTALL));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('what the README says of this project itself is what every landing does', async () => {
    const landing = await readFile(join(projectRoot, '.ci/run'), 'utf8');
    const own = shellOf('README.md').filter(isOfLanding).flatMap(commandsOf);
    expect(own).toEqual(['npm run demo', 'npm test']);
    expect(own.filter((command) => !landing.split('\n').includes(command))).toEqual([]);
  });
});

function isOfLanding(fence: Fence): boolean {
  return commandsOf(fence).every((command) => /^npm (?:run|test)\b/.test(command));
}

test('examples/atlantis: the steps of the server plan and apply, with the plan where Atlantis keeps it', async () => {
  interface Steps {
    readonly steps: readonly { readonly run: string }[];
  }
  const { repos, workflows } = await exampleYaml<{
    readonly repos: readonly { readonly workflow: string; readonly allow_custom_workflows: boolean }[];
    readonly workflows: Readonly<Record<string, { readonly plan: Steps; readonly apply: Steps }>>;
  }>('atlantis/repos.yaml');
  expect(repos).toMatchObject([{ allow_custom_workflows: false, allowed_overrides: [] }]);
  const { plan, apply } = workflows[repos[0]!.workflow]!;
  const project = await projectFor('atlantis');
  const people = await PipelinePeople.open(`${project.folder}.people`);
  await people.writeTrust(project.folder);
  await (await Origin.create(`${project.folder}.origin`)).clonedAs(project.folder);
  const environment = {
    ...project.environment,
    PLANFILE: `${project.folder}.tfplan`,
    MIGPLAN_TRUST: join(project.folder, 'trust/trust.yaml'),
    MIGPLAN_SIGNING_KEY: people.key('plan-job'),
  };
  const steps = [...plan.steps, ...apply.steps].map(({ run }, line) => ({ page: 'repos.yaml', line, language: 'sh', text: run }));
  expect(steps.length).toBe(4);
  await typist.type({ folder: project.folder, environment }, steps);
  expect((await bench.target.control.volumes()).map(({ name }) => name)).toContain('web01-2000');
});

test.each(Object.entries(elsewhere))('%s is typed by another test', async (page, file) => {
  expect(typed).toContain(page);
  expect(await readFile(join(projectRoot, 'test/e2e', file), 'utf8')).toContain(`shellOf('${page}')`);
});
