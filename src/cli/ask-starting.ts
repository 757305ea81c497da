import { DiagnosticsError } from '../diag/diagnostic.js';
import { quoted } from '../manifest/base/problem.js';
import { forms } from '../manifest/schema/forms.js';
import { type Starting, startingDefaults } from './starter-files.js';

type Ask = (question: string) => Promise<string | undefined>;

export interface StartingFlags {
  readonly vcenter?: string | undefined;
  readonly cloud?: string | undefined;
}

/**
 * What the project is between: from the command line, else asked for where somebody can be asked, else what is to be edited. undefined:
 * the input ended. Throws DiagnosticsError for what cannot be a vCenter.
 */
export async function askStarting(flags: StartingFlags, env: NodeJS.ProcessEnv, ask?: Ask): Promise<Starting | undefined> {
  const cloudDefault = env['OS_CLOUD'] || startingDefaults.cloud;
  const vcenter = flags.vcenter ?? (await answer('vCenter, as HOST or HOST:PORT', startingDefaults.vcenter, ask));
  if (vcenter === undefined) return undefined;
  if (!new RegExp(forms.host.pattern).test(vcenter)) throw noServer(vcenter);
  const cloud = flags.cloud ?? (await answer('Cloud, the name of its entry in clouds.yaml', cloudDefault, ask));
  return cloud === undefined ? undefined : { vcenter, cloud };
}

async function answer(question: string, otherwise: string, ask: Ask | undefined): Promise<string | undefined> {
  if (ask === undefined) return otherwise;
  const said = await ask(`${question} [${otherwise}]: `);
  return said === undefined ? undefined : said.trim() || otherwise;
}

const noServer = (text: string): DiagnosticsError =>
  new DiagnosticsError([
    { severity: 'error', code: 'MP1018', detail: `${quoted(text)} is not HOST or HOST:PORT of a vCenter; nothing was written` },
  ]);
