import type { CopyStatus, RunningStatus } from '../../engine/running.js';
import { formatBytes } from '../../model/format.js';
import { timeText } from '../runs/run-words.js';

/** Who works on a VM, where, since when, and how far that is. */
export function runningLines({ address, operation, who, host, pid, since, isSeen, step, copies = [] }: RunningStatus): string[] {
  const doubt = isSeen ? '' : '; on another machine, so nobody can tell from here whether it still runs';
  const doing = step === undefined ? [] : [`  ${step.kind} since ${timeText(step.since)}${stageText(step)}`];
  return [
    `${address}: ${operation} by ${who} (pid ${pid} on ${host}) since ${timeText(since)}${doubt}`,
    ...doing,
    ...copies.map((copy) => `  disk ${copy.disk}: ${copyText(copy)}`),
  ];
}

const stageText = ({ stage, percent }: NonNullable<RunningStatus['step']>): string =>
  stage === undefined ? '' : ` (${stage}, ${percent}%)`;

function copyText({ isDone, bytesDone, bytesTotal, at }: CopyStatus): string {
  if (isDone) return 'done';
  if (bytesDone === undefined || bytesTotal === undefined || at === undefined) return 'begun';
  const percent = bytesTotal === 0 ? 100 : Math.floor((bytesDone / bytesTotal) * 100);
  return `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}, ${percent}%, at ${at.slice(11, 19)} UTC`;
}
