import type { ApplyEvent, Verified } from '../../apply/handler.js';
import type { MigrationOutcome } from '../../apply/migration-outcome.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { formatChangeId } from '../../model/change-id.js';
import { doneText, startText } from '../action-words.js';
import { JsonLines } from '../json-lines.js';
import type { ViewOptions } from '../view-options.js';
import { noteText } from './note-text.js';
import { CopyProgress } from './progress.js';
import { changesDone, headline } from './summary-text.js';
import type { ApplySummary, ApplyView } from './view.js';

const PROGRESS_EVERY_MS = 10_000;

export class JsonApplyView implements ApplyView {
  private readonly lines: JsonLines;
  private readonly copies = new Map<string, { progress: CopyProgress; saidMs: number }>();
  constructor(private readonly options: ViewOptions) {
    this.lines = new JsonLines(options.streams, options.now);
    this.lines.version(options.version);
  }

  begun(): void {}

  event(event: ApplyEvent): void {
    const { address } = event;
    switch (event.type) {
      case 'action-start':
        return this.lines.line('apply_start', startText(address, event.action), {
          hook: { resource: { addr: address }, action: event.action.kind },
        });
      case 'action-done':
        return this.lines.line('apply_complete', doneText(address, event.action, event.seconds), {
          hook: { resource: { addr: address }, action: event.action.kind, elapsed_seconds: event.seconds },
        });
      case 'progress':
        return this.progress(event);
      case 'transfer-known': {
        const { disk, bytes, extents, limitBytes } = event;
        const resource = { addr: `${address}/disk/${disk}` };
        return this.lines.line('transfer_known', `${resource.addr}: delta is ${bytes} bytes in ${extents} extents`, {
          hook: { resource, bytes, extents, ...(limitBytes === undefined ? {} : { limit_bytes: limitBytes }) },
        });
      }
      case 'disk-synced': {
        const { disk, changeId, bytes, compared, seconds, verified } = event;
        const resource = { addr: `${address}/disk/${disk}` };
        // A cutover syncs each disk twice: the second copy has a rate of its own.
        this.copies.delete(resource.addr);
        return this.lines.line('checkpoint', `${resource.addr}: synced`, {
          hook: {
            resource,
            bytes,
            ...(compared === undefined ? {} : { repair_compared_bytes: compared }),
            elapsed_seconds: seconds,
            verified: verified.mode,
            ...comparedOf(verified),
            ...(changeId === undefined ? {} : { change_id: formatChangeId(changeId) }),
          },
        });
      }
      case 'conversion-stage':
        return this.lines.line('conversion_progress', `${address}: ${event.stage}`, {
          hook: { resource: { addr: address }, stage: event.stage, percent: event.percent },
        });
      case 'note': {
        const note = noteText(event.note);
        return this.lines.line('note', `${address}: ${note}`, { address, note });
      }
    }
  }

  private progress({ address, disk, bytesDone, bytesTotal, repaired }: Extract<ApplyEvent, { type: 'progress' }>): void {
    const addr = `${address}/disk/${disk}`;
    const nowMs = this.options.monotonicMs();
    const copy = this.copies.get(addr) ?? { progress: new CopyProgress(nowMs), saidMs: 0 };
    this.copies.set(addr, copy);
    copy.progress.update(nowMs, bytesDone, bytesTotal);
    if (nowMs - copy.saidMs < PROGRESS_EVERY_MS && bytesDone < bytesTotal) return;
    copy.saidMs = nowMs;
    const { rate, etaSeconds } = copy.progress;
    this.lines.line('apply_progress', `${addr}: ${copy.progress.text(nowMs)}`, {
      hook: {
        resource: { addr },
        progress: {
          bytes_done: bytesDone,
          bytes_total: bytesTotal,
          ...(repaired === undefined ? {} : { bytes_repaired: repaired }),
          rate_bps: Math.round(rate),
          ...(etaSeconds === undefined ? {} : { eta_seconds: Math.round(etaSeconds) }),
        },
      },
    });
  }

  outcome({ address, result, diagnostics, bug, logs }: MigrationOutcome): void {
    // What was found out and stopped nothing is told, too.
    if (result === 'done') return this.diagnostics(diagnostics);
    const message = `${address}: ${result}`;
    this.lines.line('apply_errored', message, { hook: { resource: { addr: address }, result, ...(logs && { logs }) } }, 'error');
    this.diagnostics(diagnostics);
    if (bug !== undefined) this.bug(address, bug);
  }

  private bug(address: string, bug: unknown): void {
    const detail = bug instanceof Error ? bug.message : String(bug);
    this.lines.diagnostic({
      severity: 'error',
      code: 'MP9001',
      address,
      detail,
      nextSteps: ['please report this with the log line that follows'],
    });
    this.lines.line('log', bug instanceof Error ? (bug.stack ?? detail) : detail, {}, 'error');
  }

  alreadyApplied(when: string, by: string): void {
    this.lines.line('already_applied', 'This plan was already applied. Nothing to do.', { applied_at: when, applied_by: by });
  }

  nothingToDo(): void {
    this.lines.line('note', 'Nothing to do.', { note: 'Nothing to do.' });
  }

  interrupting(): void {
    this.lines.line('interrupted', 'Interrupt received, stopping.', {}, 'warn');
  }

  finished(summary: ApplySummary): void {
    const { outcomes, seconds, bytes } = summary;
    const { create, update } = changesDone(summary);
    this.lines.line('change_summary', headline(summary), {
      changes: { add: create, change: update, import: 0, remove: 0, operation: 'apply' },
      results: outcomes.map(({ address, result }) => ({ address, result })),
      bytes,
      elapsed_seconds: seconds,
    });
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) this.lines.diagnostic(diagnostic);
  }

  close(): void {}
}

function comparedOf(verified: Verified): Readonly<Record<string, number>> {
  switch (verified.mode) {
    case 'off':
      return {};
    case 'full':
      return { compared_bytes: verified.bytes };
    case 'sample':
      return { compared_bytes: verified.bytes, sampled_blocks: verified.blocks, sampled_of: verified.of };
  }
}
