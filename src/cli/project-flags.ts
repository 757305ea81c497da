import { Flags } from '@oclif/core';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import type { ProjectSettings, SettingsOptions } from '../manifest/environment/settings.js';
import type { PlanFile } from '../plan/file/plan-file.js';

/** How a project is read, for every command that reads one. */
export const projectFlags = {
  env: Flags.string({
    summary: 'Environment of the Project: its overlay and its values of variables (MIGPLAN_ENV).',
    helpValue: 'NAME',
  }),
  var: Flags.string({
    summary: 'Value of a variable of the Project (MIGPLAN_VAR_NAME). May be repeated.',
    multiple: true,
    helpValue: 'NAME=VALUE',
  }),
};

export interface ProjectFlags {
  readonly env?: string | undefined;
  readonly var?: readonly string[] | undefined;
}

export const settingsOf = ({ env, var: variables }: ProjectFlags): SettingsOptions => ({
  ...(env !== undefined && { environment: env }),
  ...(variables !== undefined && { variables }),
});

/**
 * A saved plan is applied with the values it was made with. Throws DiagnosticsError where another environment is asked for (exit code of
 * a refused plan). That no value is typed was looked at before.
 */
export function settingsOfPlan(
  { inputs }: PlanFile,
  flags: Pick<ProjectFlags, 'env'>,
  env: NodeJS.ProcessEnv = process.env,
): SettingsOptions {
  const saved: ProjectSettings = inputs.settings ?? { variables: {} };
  const asked = flags.env ?? env['MIGPLAN_ENV'] ?? '';
  if (asked !== '' && asked !== saved.environment) throw otherEnvironment(saved.environment, asked);
  return { saved };
}

function otherEnvironment(planned: string | undefined, asked: string): DiagnosticsError {
  const of = planned === undefined ? 'no environment' : `environment ${planned}`;
  return new DiagnosticsError(
    [
      {
        severity: 'error',
        code: 'MP3030',
        detail: `the plan was made for ${of}, and ${asked} is asked for; nothing was changed`,
        nextSteps: [`make a plan for it: migplan plan --env ${asked} --out plan.json`],
      },
    ],
    { exit: exitCodes.planRefused },
  );
}
