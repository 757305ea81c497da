import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePlanFile, type PlanFile } from '../../src/plan/file/plan-file.js';
import { journalText } from './journals.js';
import { ledgerOf } from './plans.js';

export const RUN = '79o62r26nsg2';
const program = join(import.meta.dirname, '../../bin/run.js');

export interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with saved plans, and a state that knows of deltas of some VMs and of a run. */
export interface Reported extends AsyncDisposable {
  readonly folder: string;
  /** `migplan report`, as built, in that folder and with no terminal. */
  report(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<End>;
}

export async function reported(plans: Readonly<Record<string, PlanFile>>, known: readonly string[]): Promise<Reported> {
  const folder = await mkdtemp(join(tmpdir(), 'migplan-report-'));
  await mkdir(join(folder, '.migplan/vms'), { recursive: true });
  for (const [name, plan] of Object.entries(plans)) await writeFile(join(folder, `${name}.json`), encodePlanFile(plan));
  for (const [index, name] of known.entries())
    await writeFile(join(folder, `.migplan/vms/${name}.json`), JSON.stringify(ledgerOf(2000, index)));
  await mkdir(join(folder, '.migplan/runs', RUN), { recursive: true });
  await writeFile(join(folder, '.migplan/runs', RUN, 'journal.ndjson'), journalText(RUN, known));
  return {
    folder,
    report: (args, env = {}) =>
      new Promise((resolve) => {
        const options = { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...env }, maxBuffer: 2 ** 26 };
        execFile(process.execPath, [program, 'report', ...args], options, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
        );
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
