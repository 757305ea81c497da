import { plural } from '../../../model/format.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { equalDiagnostics } from '../../plan/equal-diagnostics.js';
import { violationGroups } from '../../plan/violations.js';
import { folded } from '../figure.js';
import { html, name } from '../html.js';
import type { Section } from '../page.js';
import { told } from '../told.js';

/** Never folded: whoever waits for such a VM has to see why. */
export function blockedSection({ migrations, counts }: PlanFile): Section[] {
  const groups = equalDiagnostics(migrations, 'error');
  if (groups.length === 0) return [];
  const content = html`<p>${plural(counts.blocked, 'VM is', 'VMs are')} not part of this plan. Apply leaves out what is blocked, and ends with exit code 6.</p>
${groups.map((group) => told(group))}`;
  return [{ id: 'blocked', title: 'Blocked', content }];
}

/** Never folded: the plan is refused as long as it breaks one. */
export function violationsSection(plan: PlanFile): Section[] {
  const groups = violationGroups(plan);
  if (groups.length === 0) return [];
  const content = html`<p>Apply refuses the plan as long as it breaks one of them.</p>
${groups.map((group) => told(group))}`;
  return [{ id: 'violations', title: 'Rules that it breaks', content }];
}

export function warningsSection({ migrations }: PlanFile): Section[] {
  const groups = equalDiagnostics(migrations, 'warning');
  if (groups.length === 0) return [];
  const count = groups.reduce((sum, { addresses }) => sum + addresses.length, 0);
  const kinds = groups.length === count ? '' : ` of ${plural(groups.length, 'kind')}`;
  const content = folded(`${plural(count, 'warning')}${kinds}`, html`${groups.map((group) => told(group))}`);
  return [{ id: 'warnings', title: 'Warnings', content }];
}

/** Why nothing happens to a VM that someone may wait for, and what concerns all. */
export function notesSection({ migrations, notes: common = [] }: PlanFile): Section[] {
  const noted = [
    ...common.map((note) => html`<li>${note}</li>`),
    ...migrations.flatMap((entry) => entry.notes.map((note) => html`<li>${name(entry.address)}: ${note}</li>`)),
  ];
  if (noted.length === 0) return [];
  const list = html`<ul>${noted}</ul>`;
  const content = noted.length > NOTES_OPEN_MAX ? folded(plural(noted.length, 'note'), list) : list;
  return [{ id: 'notes', title: 'Notes', content }];
}

const NOTES_OPEN_MAX = 20;
