import { expect } from 'vitest';
import { settingsOfPlan } from '../../src/cli/project-flags.js';
import { refuseBesidePlan } from '../../src/cli/selection.js';
import type { SettingsOptions } from '../../src/manifest/environment/settings.js';
import { type LoadedProject, loadProject } from '../../src/manifest/load.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { inFolder, migrationText, projectText } from '../manifest/in-folder.js';
import { samplePlan } from '../plan/sample-plan.js';
import { refused, stepOf, type Trial } from './tried.js';

type Files = Readonly<Record<string, string>>;

interface EnvironmentTrial {
  readonly advice: string;
  readonly files: Files;
  readonly asked?: SettingsOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** What the advice makes of files and options. */
  readonly after: { readonly files?: Files; readonly asked?: SettingsOptions; readonly env?: Readonly<Record<string, string>> };
}

const load = (files: Files, asked: SettingsOptions = {}, env: Readonly<Record<string, string>> = {}): Promise<LoadedProject> =>
  inFolder({ 'migplan.yaml': projectText(), 'manifests/vm.yaml': migrationText('web01'), ...files }, (cwd) =>
    loadProject({ cwd, env, ...asked }),
  );

const environmentTrial = ({ advice, files, asked = {}, env = {}, after }: EnvironmentTrial): Trial => ({
  advice,
  run: async () => {
    const before = await load(files, asked, env);
    stepOf(
      before.diagnostics.flatMap(({ nextSteps = [] }) => nextSteps),
      advice,
    );
    const { diagnostics } = await load({ ...files, ...after.files }, after.asked ?? asked, after.env);
    expect(diagnostics.map(({ detail }) => detail)).toEqual([]);
  },
});

const project = (lines: string): Files => ({ 'migplan.yaml': projectText(lines) });
const uses = { 'manifests/vm.yaml': migrationText('web01', "  bootDisk: '${var.disk}'") };
const withOverlay = '  environments: {prod: {overlay: prod.yaml}}';
const overlay = (text: string): Files => ({
  ...project(withOverlay),
  'prod.yaml': text,
});
const prod = { environment: 'prod' };
const right = 'apiVersion: migplan.dev/v1alpha1\nkind: Overlay\nspec: {limits: {transfers: 3}}\n';

/** A plan for an environment, and the one that the advice makes. */
const planTrial = (advice: string, refuses: (plan: PlanFile) => unknown): Trial => ({
  advice,
  run: async () => {
    const planned = (environment: string, disk: string) => {
      const plan = samplePlan();
      return { ...plan, inputs: { ...plan.inputs, settings: { environment, variables: { disk } } } };
    };
    stepOf(await refused(() => refuses(planned('prod', 'a'))), advice);
    expect(settingsOfPlan(planned('test', 'b'), { env: 'test' }, {})).toEqual({
      saved: { environment: 'test', variables: { disk: 'b' } },
    });
  },
});

export const environmentTrials: readonly Trial[] = [
  environmentTrial({
    advice: 'Did you mean <…><…>?',
    files: { ...project('  variables: {disk: {type: string}}'), ...uses },
    env: { MIGPLAN_VAR_DISK: 'a' },
    after: { env: { MIGPLAN_VAR_disk: 'a' } },
  }),
  environmentTrial({
    advice: 'declare it again in the Project, as it was: environments: {<…>: {overlay: FILE, variables: {}}}',
    files: project('  environments: {test: {}}'),
    asked: { saved: { environment: 'prod', variables: {} } },
    after: { files: { ...project('  environments: {prod: {overlay: prod.yaml, variables: {}}}'), 'prod.yaml': right } },
  }),
  environmentTrial({
    advice: 'Remove <…>',
    files: overlay(right.replace('{limits', '{windows: {night: null}, limits')),
    asked: prod,
    after: { files: { 'prod.yaml': right } },
  }),
  environmentTrial({
    advice: 'Declare it in the Project: variables: {NAME: {default: VALUE}}',
    files: uses,
    after: { files: project('  variables: {disk: {default: scsi0:1}}') },
  }),
  ...[{ asked: { variables: ['disk=scsi0:1'] } }, { env: { MIGPLAN_VAR_disk: 'scsi0:1' } }].map((after) =>
    environmentTrial({
      advice: 'Give it one: --var <…>=VALUE, or set MIGPLAN_VAR_<…>',
      files: { ...uses, ...project('  variables: {disk: {}}') },
      after,
    }),
  ),
  environmentTrial({
    advice: 'Or write a default in spec.variables of the Project, or a value in one of spec.environments',
    files: { ...uses, ...project('  variables: {disk: {}}') },
    after: { files: project('  variables: {disk: {default: scsi0:1}}') },
  }),
  environmentTrial({
    advice: 'Or write a default in spec.variables of the Project, or a value in one of spec.environments',
    files: { ...uses, ...project('  variables: {disk: {}}') },
    after: {
      files: project('  variables: {disk: {}}\n  environments: {prod: {variables: {disk: scsi0:1}}}'),
      asked: { environment: 'prod' },
    },
  }),
  environmentTrial({
    advice: 'Give <…> another value, or declare another type: <…>: {type: string}',
    files: { ...uses, ...project('  variables: {disk: {type: number}}') },
    asked: { variables: ['disk=scsi0:1'] },
    after: { files: project('  variables: {disk: {type: string}}') },
  }),
  environmentTrial({
    advice: 'Put it in quotes, or declare what it is: <…>: {type: <…>}',
    files: { ...uses, ...project('  variables: {disk: {default: 1.10}}') },
    after: { files: project('  variables: {disk: {default: "scsi0:1"}}') },
  }),
  environmentTrial({
    advice: 'Give <…> another value',
    files: { ...uses, ...project('  variables: {disk: {}}') },
    asked: { variables: ['disk=${var.other}'] },
    after: { asked: { variables: ['disk=scsi0:1'] } },
  }),
  environmentTrial({
    advice: 'For none of them, leave --env out, and run: unset MIGPLAN_ENV',
    files: project('  environments: {prod: {}}'),
    asked: { environment: '' },
    after: { asked: {} },
  }),
  environmentTrial({
    advice: 'Take policy.environment out of the Project: the environment that is chosen stands for it',
    files: project('  environments: {prod: {}}\n  policy: {environment: test}'),
    asked: prod,
    after: { files: project('  environments: {prod: {}}') },
  }),
  environmentTrial({
    advice: 'Or write it in the overlay of each environment: spec: {policy: {environment: <…>}}',
    files: { ...project(`${withOverlay}\n  policy: {environment: test}`), 'prod.yaml': right },
    asked: prod,
    after: { files: { 'prod.yaml': 'apiVersion: migplan.dev/v1alpha1\nkind: Overlay\nspec: {policy: {environment: prod}}\n' } },
  }),
  environmentTrial({
    advice: 'Write: --var NAME=VALUE',
    files: { ...uses, ...project('  variables: {disk: {default: a}}') },
    asked: { variables: ['disk'] },
    after: { asked: { variables: ['disk=scsi0:1'] } },
  }),
  environmentTrial({
    advice: 'Declare it in the Project: environments: {NAME: {overlay: overlays/NAME.yaml}}',
    files: {},
    asked: prod,
    after: { files: { ...project('  environments: {prod: {overlay: overlays/prod.yaml}}'), 'overlays/prod.yaml': right } },
  }),
  environmentTrial({
    advice: 'Write: apiVersion: <…>, kind: Overlay, spec',
    files: overlay('limits: {transfers: 3}\n'),
    asked: prod,
    after: { files: { 'prod.yaml': right } },
  }),
  environmentTrial({
    advice: 'Write one document: apiVersion, kind: Overlay, spec',
    files: overlay('# nothing\n'),
    asked: prod,
    after: { files: { 'prod.yaml': right } },
  }),
  planTrial('make a plan for it: migplan plan --env <…> --out plan.json', (plan) => settingsOfPlan(plan, { env: 'test' }, {})),
  planTrial('make a plan with these values, and apply that one: migplan plan --var NAME=VALUE --out plan.json', () =>
    refuseBesidePlan({ var: ['disk=b'] }),
  ),
];
