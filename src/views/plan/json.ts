import type { Diagnostic } from '../../diag/diagnostic.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import type { ResourceChange } from '../../plan/file/resource-changes.js';
import { JsonLines, jsonDiagnostic } from '../json-lines.js';
import type { ViewOptions } from '../view-options.js';
import type { PlanShown, PlanView } from './view.js';

const WORD = { 'no-op': 'noop', create: 'create', update: 'update', delete: 'delete' } as const;

export class JsonPlanView implements PlanView {
  private readonly lines: JsonLines;
  constructor({ streams, now, version, isContinued = false }: ViewOptions) {
    this.lines = new JsonLines(streams, now);
    if (!isContinued) this.lines.version(version);
  }

  plan(plan: PlanFile, _shown: PlanShown): void {
    for (const change of plan.resource_changes) if (change.change.actions[0] !== 'no-op') this.change(change);
    for (const blocked of plan.blocked) {
      this.lines.line('blocked', `${blocked.address ?? ''}: ${blocked.detail}`, { diagnostic: jsonDiagnostic(blocked) }, 'warn');
    }
    for (const violation of plan.violations ?? []) {
      this.lines.line('violation', violation.detail, { diagnostic: jsonDiagnostic(violation) }, 'warn');
    }
    for (const { address, notCarried = [] } of plan.migrations) {
      for (const left of notCarried) {
        this.lines.line('not_carried', `${address}: ${left.of}: ${left.property} is not carried over`, {
          address,
          not_carried: left,
        });
      }
    }
    for (const { address, notes, diagnostics } of plan.migrations) {
      this.diagnostics(diagnostics.filter(({ severity }) => severity === 'warning'));
      for (const note of notes) this.lines.line('note', `${address}: ${note}`, { address, note });
    }
    for (const note of plan.notes ?? []) this.lines.line('note', note, { note });
    const { create, update, delete: remove, noop, blocked } = plan.counts;
    const changes = { add: create, change: update, import: 0, remove, noop, blocked, operation: 'plan' };
    this.lines.line('change_summary', plan.summary[0] ?? '', { changes, plan: { id: plan.plan.id, digest: plan.digest } });
  }

  private change({ address, type, name, change, action_reason: reason }: ResourceChange): void {
    const action = WORD[change.actions[0] ?? 'no-op'];
    const resource = { addr: address, resource: address, resource_type: type, resource_name: name };
    this.lines.line('planned_change', `${address}: Plan to ${action}`, { change: { resource, action, reason } });
  }

  saved(path: string, plan: PlanFile): void {
    this.lines.line('plan_saved', `Saved the plan to: ${path}`, { path, digest: plan.digest, expires_at: plan.plan.expires_at });
  }

  notSaved(): void {}

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) this.lines.diagnostic(diagnostic);
  }
}
