import { resolve } from 'node:path';
import { DiagnosticsError } from '../../diag/diagnostic.js';
import { loadTrustPolicy } from '../../manifest/load-trust-policy.js';
import type { ProjectConfig } from '../../manifest/project/project-config.js';
import type { TrustPolicy } from '../../model/trust-policy.js';

export interface TrustNamed {
  /** --trust. */
  readonly flag?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths of flag and environment start. */
  readonly folder: string;
  /** Absent: there is no project, or it does not matter. */
  readonly project?: ProjectConfig;
}

/**
 * The trust policy that decides: of --trust, else of MIGPLAN_TRUST, else of the Project; undefined where none is named. Throws
 * DiagnosticsError when one is named that cannot be used: a policy that is not there is never none.
 */
export async function trustInForce({ flag, env, folder, project }: TrustNamed): Promise<TrustPolicy | undefined> {
  const named = flag ?? env['MIGPLAN_TRUST'];
  if (named === '') throw emptyName(flag === undefined ? 'MIGPLAN_TRUST' : '--trust');
  if (named !== undefined) return load(resolve(folder, named), named);
  return project === undefined ? undefined : trustOfProject(project);
}

/** The policy that the Project names, whatever decides. Throws as trustInForce. */
export const trustOfProject = async ({ trust }: ProjectConfig): Promise<TrustPolicy | undefined> =>
  trust === undefined ? undefined : load(trust.path, trust.shown);

async function load(path: string, shown: string): Promise<TrustPolicy> {
  const read = await loadTrustPolicy(path, shown);
  if (read.kind === 'policy') return read.policy;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3024',
      detail: `the trust policy ${shown} is named, so nothing is done without it; nothing was changed`,
      nextSteps: ['mend what follows, or name the policy that is meant: --trust FILE'],
    },
    ...read.diagnostics,
  ]);
}

/** A variable of a pipeline that is not set is empty there. */
const emptyName = (name: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3024',
      detail: `${name} is empty, and would switch the trust policy off; nothing was changed`,
      nextSteps: ['set it to the path of the policy, or take it out of the environment: unset MIGPLAN_TRUST'],
    },
  ]);
