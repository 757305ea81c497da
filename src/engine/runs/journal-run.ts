import type { MigrationOutcome } from '../../apply/migration-outcome.js';
import { withoutSecrets } from '../../host/secret.js';
import type { RunId } from '../../model/ids.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import { type Journal, noteIn } from '../../state/journal.js';
import { ownIdentity } from '../../state/process-identity.js';

/** How the process was called. */
export interface Invocation {
  readonly version: string;
  /** Name of the program, the command, its arguments. */
  readonly command: readonly string[];
}

export interface StartedRun {
  readonly run: RunId;
  readonly plan: PlanFile;
  readonly invocation: Invocation;
  /** Of the project. */
  readonly folder: string;
}

/** Of the journal. A reader of another one reads what it knows. */
const JOURNAL_FORMAT = 1;

/** First line of a journal, before anything is touched: what runs, who runs it and where, and what it is to do. */
export async function journalStart(journal: Journal, { run, plan, invocation, folder }: StartedRun): Promise<void> {
  const { id, created_at } = plan.plan;
  await journal.write('run-start', {
    format: JOURNAL_FORMAT,
    run,
    migplan: invocation.version,
    node: process.version,
    command: invocation.command.map(withoutSecrets),
    folder,
    plan: { id, digest: plan.digest, createdAt: created_at },
    process: await ownIdentity(),
    addresses: addressesOf(plan),
  });
}

/** Of what it works on. */
export const addressesOf = ({ migrations }: PlanFile): string[] =>
  migrations.filter(({ actions }) => actions.length > 0).map(({ address }) => address);

export interface EndedRun {
  readonly exit: number;
  readonly bytes: number;
  readonly outcomes: readonly MigrationOutcome[];
}

/** Last line of a journal: a run without it was killed. */
export const journalEnd = (journal: Journal, { exit, bytes, outcomes }: EndedRun): Promise<void> =>
  noteIn(journal, 'run-end', { exit, bytes, results: outcomes.map(({ address, result }) => ({ address, result })) });
