import { formatBytes, formatSeconds } from '../../plan/format.js';
import { countChanges } from '../../plan/summary.js';
import type { Style } from '../style.js';
import type { ApplySummary } from './view.js';

/** How an apply ended: what is done, what is not, and what to type next. */
export function summaryText(summary: ApplySummary, paint: Style): string {
  const { outcomes, plan, seconds, bytes } = summary;
  const transferred = bytes === 0 ? '' : `Transferred ${formatBytes(bytes)} in ${formatSeconds(seconds)}.\n`;
  const done = outcomes.filter(({ result }) => result === 'done').map(({ address }) => address);
  if (done.length === outcomes.length) {
    const { create, update } = countChanges(plan.migrations.filter(({ address }) => done.includes(address)));
    return `\n${paint.create(`Apply complete! Resources: ${create} added, ${update} changed, 0 destroyed.`)}\n${transferred}`;
  }
  return `\n${paint.strong(headline(summary))}\n\n${table(summary)}\n${transferred}${nextText(summary)}`;
}

const ROWS = { done: 'done', failed: 'failed', interrupted: 'interrupted', 'not-started': 'not started' } as const;

function headline({ outcomes, interrupted }: ApplySummary): string {
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

function nextText({ planPath, journal }: ApplySummary): string {
  const again = planPath === undefined ? 'migplan plan' : `migplan apply ${planPath}`;
  return `Log: ${journal}\nTo continue${planPath === undefined ? '' : ' after fixing the cause'}:  ${again}\n`;
}
