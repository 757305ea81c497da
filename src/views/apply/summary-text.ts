import type { MigrationResult } from '../../apply/migration-result.js';
import { formatBytes, formatSeconds } from '../../model/format.js';
import { countChanges } from '../../plan/file/summary.js';
import { applyCommand, commandLine, planCommand } from '../command-line.js';
import type { Style } from '../style.js';
import type { ApplySummary } from './view.js';

/** How an apply ended: what is done, what is not, and what to type next. */
export function summaryText(summary: ApplySummary, paint: Style): string {
  const { seconds, bytes } = summary;
  const transferred = bytes === 0 ? '' : `Transferred ${formatBytes(bytes)} in ${formatSeconds(seconds)}.\n`;
  if (isComplete(summary)) return `\n${paint.create(headline(summary))}\n${transferred}`;
  return `\n${paint.strong(headline(summary))}\n\n${table(summary)}\n${transferred}${nextText(summary)}`;
}

const isComplete = ({ outcomes }: ApplySummary): boolean => outcomes.every(({ result }) => result === 'done');

/** Counted from what came to its end. */
export function changesDone({ outcomes, plan }: ApplySummary): { readonly create: number; readonly update: number } {
  const done = new Set(outcomes.filter(({ result }) => result === 'done').map(({ address }) => address));
  return countChanges(plan.migrations.filter(({ address }) => done.has(address)));
}

const ROWS: Readonly<Record<MigrationResult, string>> = {
  done: 'done',
  failed: 'failed',
  refused: 'refused',
  interrupted: 'interrupted',
  'not-started': 'not started',
  locked: 'locked',
  blocked: 'blocked',
  'not-approved': 'not approved',
};

/** One line; worded as Terraform words it when all is done. */
export function headline(summary: ApplySummary): string {
  const { outcomes, interrupted } = summary;
  if (isComplete(summary)) {
    const { create, update } = changesDone(summary);
    return `Apply complete! Resources: ${create} added, ${update} changed, 0 destroyed.`;
  }
  const counts = Object.entries(ROWS)
    .map(([result, word]) => ({ word, count: outcomes.filter((outcome) => outcome.result === result).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  return `${interrupted ? 'Apply interrupted' : 'Apply incomplete'}: ${counts.join(', ')}.`;
}

function table({ outcomes }: ApplySummary): string {
  return Object.entries(ROWS)
    .map(([result, word]) => ({
      word,
      addresses: outcomes.filter((outcome) => outcome.result === result).map(({ address }) => address),
    }))
    .filter(({ addresses }) => addresses.length > 0)
    .map(({ word, addresses }) => `  ${word.padEnd(12)} ${addresses.join('  ')}\n`)
    .join('');
}

function nextText({
  planPath,
  typed = ['migplan', 'apply', '--auto-approve'],
  calledWith,
  run,
  journal,
  outcomes,
}: ApplySummary): string {
  const has = (result: MigrationResult): boolean => outcomes.some((outcome) => outcome.result === result);
  const isLeft = has('failed') || has('interrupted') || has('not-started');
  const plan = planCommand(calledWith);
  const again = planPath === undefined ? plan : applyCommand(planPath, calledWith);
  return [
    journal === undefined ? '' : `Log: ${journal}\n`,
    isLeft ? `To continue${has('failed') ? ' after fixing the cause' : ''}:  ${again}\n` : '',
    has('locked') && !isLeft ? `When the other run has ended:  ${again}\n` : '',
    has('refused') ? `What is refused needs a plan of its own:  ${plan}\n` : '',
    has('blocked') ? `What is blocked needs a plan of its own after fixing the cause:  ${plan}\n` : '',
    has('not-approved')
      ? `What is not approved cannot be undone; to do it as well:  ${commandLine([...typed, '--allow-cutover'])}\n`
      : '',
    has('failed') && run !== undefined ? helpText(run, calledWith?.chdir) : '',
  ].join('');
}

/** The last line of a run in which something failed: people look at the end first. */
const helpText = (run: string, chdir: string | undefined): string => {
  const command = (...words: readonly string[]): string => commandLine(['migplan', ...words, run], { chdir });
  return `What happened:  ${command('runs', 'show')}  For somebody who helps:  ${command('bundle')}  See docs/troubleshooting.md\n`;
};
