import type { MigrationOutcome } from '../../apply/migration-outcome.js';
import { type MigrationResult, migrationResults } from '../../apply/migration-result.js';
import { catalog } from '../../diag/catalog.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { withoutSecrets } from '../../host/secret.js';
import type { NotifyEvent } from '../../model/notify-events.js';
import type { EndedApply } from './events-of.js';

/** Minor: fields were added; major: something changed its meaning. schemas/notification.schema.json describes it. */
const FORMAT = '1.0';
/** Receivers have limits; what is done comes last, and is counted all the same. */
const MIGRATIONS_MAX = 100;
const DIAGNOSTICS_MAX = 20;

/** Whose apply it was, and when it was told. */
export interface NotificationContext {
  /** The same for every try to deliver it: whoever gets it twice can tell. */
  readonly id: string;
  readonly at: Date;
  readonly project: string;
  readonly environment?: string;
  readonly migplan: string;
  /** `user@host`. */
  readonly by: string;
}

/** What is posted and given to the command, as JSON: without secrets, whoever said them. Field names are public interface. */
export function notificationText(event: NotifyEvent, ended: EndedApply, context: NotificationContext): string {
  const { exit, run, plan, outcomes, diagnostics, bytes, seconds } = ended;
  const { at, environment, ...who } = context;
  const ordered = [...outcomes].sort((a, b) => rank(a) - rank(b));
  const told = ordered.slice(0, MIGRATIONS_MAX);
  return cleanJson({
    format_version: FORMAT,
    event,
    text: sentence(event, ended, context),
    time: at.toISOString(),
    ...who,
    ...(environment !== undefined && { environment }),
    ...(run !== undefined && { run }),
    ...(plan !== undefined && { plan }),
    exit_code: exit,
    seconds: Math.round(seconds * 1000) / 1000,
    bytes,
    results: Object.fromEntries(countsOf(outcomes)),
    migrations: told.map(({ address, result, diagnostics: found }) => ({ address, result, diagnostics: briefly(found) })),
    migrations_left_out: outcomes.length - told.length,
    diagnostics: briefly(diagnostics),
  });
}

/** Struck before it is escaped once more, since what a remote said may be JSON itself, and after. */
const cleanJson = (value: object): string =>
  withoutSecrets(JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? withoutSecrets(part) : part)));

const rank = ({ result }: MigrationOutcome): number => (result === 'done' ? 1 : 0);

const briefly = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.slice(0, DIAGNOSTICS_MAX).map(({ severity, code, detail }) => ({ severity, code, summary: catalog[code], detail }));

const countsOf = (outcomes: readonly MigrationOutcome[]): [MigrationResult, number][] =>
  migrationResults
    .map((result): [MigrationResult, number] => [result, outcomes.filter((one) => one.result === result).length])
    .filter(([, count]) => count > 0);

const words: Readonly<Record<NotifyEvent, string>> = {
  finished: 'apply finished',
  failed: 'apply did not do all of it',
  'needs-approval': 'apply needs an approval',
  unchanged: 'apply had nothing to do',
};

/** One line for people, of words of ours and names of the Project only: chats obey some signs in it. */
function sentence(event: NotifyEvent, { exit, outcomes }: EndedApply, { project, environment }: NotificationContext): string {
  const of = environment === undefined ? project : `${project} (${environment})`;
  const counts = countsOf(outcomes).map(([result, count]) => `${count} ${result.replace('-', ' ')}`);
  return `migplan ${of}: ${words[event]}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}. Exit code ${exit}.`;
}
