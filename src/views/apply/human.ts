import type { ApplyEvent } from '../../apply/handler.js';
import type { MigrationOutcome } from '../../apply/migration-outcome.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { shortChangeId } from '../../model/change-id.js';
import { formatBytes, plural } from '../../model/format.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import { doneText, startText } from '../action-words.js';
import { diagnosticText } from '../diagnostic-text.js';
import { bugLines } from '../printable.js';
import { type Style, style } from '../style.js';
import { cutTo, textWidth } from '../text-width.js';
import type { ViewOptions } from '../view-options.js';
import { Cadence } from './cadence.js';
import { LiveLines } from './live-lines.js';
import { noteText } from './note-text.js';
import { CopyProgress } from './progress.js';
import { summaryText } from './summary-text.js';
import { TotalProgress } from './total-progress.js';
import { verifiedText } from './verified-text.js';
import type { ApplySummary, ApplyView } from './view.js';

/** How often a running disk, and all copies together, say a line where there is no terminal. */
const LINE_EVERY_MS = 10_000;
const TOTAL_EVERY_MS = 30_000;

export class HumanApplyView implements ApplyView {
  private readonly paint: Style;
  private readonly paintErr: Style;
  private readonly live: LiveLines | undefined;
  private readonly copies = new Map<string, { progress: CopyProgress; cadence: Cadence }>();
  private readonly stages = new Map<string, string>();
  private total: TotalProgress | undefined;
  private totalCadence: Cadence | undefined;

  constructor(private readonly options: ViewOptions) {
    const { streams, noColor, isTraced, monotonicMs } = options;
    this.paint = style({ isTerminal: streams.outIsTerminal, off: noColor });
    this.paintErr = style({ isTerminal: streams.errIsTerminal, off: noColor });
    const isRewritable = streams.outIsTerminal && isTraced !== true && process.env['TERM'] !== 'dumb';
    this.live = isRewritable ? new LiveLines(streams, monotonicMs, () => this.total?.text()) : undefined;
  }

  begun(plan: PlanFile): void {
    const nowMs = this.options.monotonicMs();
    this.total = new TotalProgress(plan, nowMs);
    this.totalCadence = new Cadence(nowMs, TOTAL_EVERY_MS);
  }

  event(event: ApplyEvent): void {
    switch (event.type) {
      case 'action-start':
        return this.line(startText(event.address, event.action));
      case 'action-done':
        return this.line(doneText(event.address, event.action, event.seconds));
      case 'transfer-known':
        return this.transferKnown(event);
      case 'progress':
        return this.progress(event);
      case 'disk-synced':
        return this.diskSynced(event);
      case 'conversion-stage':
        return this.stage(event);
      case 'note':
        return this.line(`${event.address}: ${noteText(event.note)}`);
    }
  }

  private transferKnown({ address, disk, bytes, extents, limitBytes }: Extract<ApplyEvent, { type: 'transfer-known' }>): void {
    const limit = limitBytes === undefined ? '' : ` (limit ${formatBytes(limitBytes)})`;
    this.line(`${address}/disk/${disk}: delta is ${formatBytes(bytes)} in ${plural(extents, 'extent')}${limit}`);
  }

  private progress({ address, disk, bytesDone, bytesTotal, repaired }: Extract<ApplyEvent, { type: 'progress' }>): void {
    const key = `${address}/disk/${disk}`;
    const nowMs = this.options.monotonicMs();
    const copy = this.copies.get(key) ?? { progress: new CopyProgress(nowMs), cadence: new Cadence(nowMs, LINE_EVERY_MS) };
    this.copies.set(key, copy);
    copy.progress.update(nowMs, bytesDone, bytesTotal);
    this.total?.update(key, { done: bytesDone, total: bytesTotal }, nowMs);
    const doing = repaired === undefined ? 'copying' : 'comparing';
    const mended = repaired === undefined ? '' : `, ${formatBytes(repaired)} repaired`;
    const far = `${copy.progress.text(nowMs)}${mended}`;
    const text = `${key}: Still ${doing}... [${far}]`;
    if (this.live !== undefined) {
      this.live.set(key, (columns) => fitting(columns, { key, texts: [text, `${key}: ${far}`], brief: copy.progress.brief() }));
      return;
    }
    if (copy.cadence.isDue(nowMs)) this.line(text);
    this.sayTotal(nowMs);
  }

  private sayTotal(nowMs: number): void {
    const text = this.totalCadence?.isDue(nowMs) === true ? this.total?.text() : undefined;
    if (text !== undefined) this.line(text);
  }

  private diskSynced(event: Extract<ApplyEvent, { type: 'disk-synced' }>): void {
    const { address, disk, changeId, bytes, compared, seconds, verified } = event;
    const key = `${address}/disk/${disk}`;
    this.copies.delete(key);
    this.total?.finished(key, this.options.monotonicMs());
    this.live?.remove(key);
    const id = changeId === undefined ? 'no changeID: tracking is not active' : `changeID=${shortChangeId(changeId)}`;
    const proof = verifiedText(verified);
    const done = compared === undefined ? 'copied' : `repaired, ${formatBytes(compared)} compared`;
    this.line(`${key}: ${formatBytes(bytes)} ${done} after ${seconds.toFixed(1)}s [${id}${proof}]`);
  }

  private stage({ address, stage, percent }: Extract<ApplyEvent, { type: 'conversion-stage' }>): void {
    const text = `${address}: Still converting... [${stage}, ${percent}%]`;
    if (this.live !== undefined) this.live.set(`${address}#convert`, () => text);
    else if (this.stages.get(address) !== stage) this.line(text);
    this.stages.set(address, stage);
  }

  outcome({ address, result, diagnostics, bug, logs = [] }: MigrationOutcome): void {
    if (result === 'done') this.total?.migrated();
    this.live?.remove(`${address}#convert`);
    for (const key of this.copies.keys()) if (key.startsWith(`${address}/`)) this.live?.remove(key);
    this.diagnostics(diagnostics);
    if (bug !== undefined) this.live?.close();
    if (bug !== undefined) this.options.streams.err(`${bugText(address, bug)}\n`);
    for (const log of logs) this.options.streams.err(`  what the program said: ${log}\n`);
  }

  alreadyApplied(when: string, by: string): void {
    this.line(`This plan was already applied on ${when.slice(0, 16).replace('T', ' ')} UTC by ${by}. Nothing to do.`);
  }

  nothingToDo(): void {
    this.line('Nothing to do.');
  }

  interrupting(): void {
    this.live?.close();
    this.options.streams.err(
      'Interrupt received.\nStopping: copies are ended at their last checkpoint, locks and snapshots are given back.\n' +
        'Press Ctrl-C again to exit at once; the next run then removes what is left.\n',
    );
  }

  finished(summary: ApplySummary): void {
    this.live?.close();
    const total = this.live === undefined ? this.total?.endText(this.options.monotonicMs()) : undefined;
    if (total !== undefined) this.line(total);
    this.options.streams.out(summaryText(summary, this.paint));
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length > 0) this.live?.close();
    for (const diagnostic of diagnostics) this.options.streams.err(`\n${diagnosticText(diagnostic, this.paintErr)}`);
  }

  close(): void {
    this.live?.close();
  }

  private line(text: string): void {
    const line = `${text}\n`;
    if (this.live === undefined) this.options.streams.out(line);
    else this.live.print(line);
  }
}

/** Where all does not fit, how far it is matters more than the end of a long name. */
function fitting(columns: number, { key, texts, brief }: { key: string; texts: readonly string[]; brief: string }): string {
  const room = Math.max(1, columns - textWidth(brief) - 2);
  return texts.find((text) => textWidth(text) <= columns) ?? `${cutTo(key, room)}: ${brief}`;
}

const bugText = (address: string, bug: unknown): string =>
  `\nError: something went wrong that migplan does not understand [MP9001]\n  with ${address}\n` +
  `${bugLines(bug)}\n  - please report this with the text above`;
