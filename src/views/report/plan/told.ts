import { catalog } from '../../../diag/catalog.js';
import { plural } from '../../../model/format.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { placeText } from '../../diagnostic-text.js';
import { type EqualDiagnostics, equalDiagnostics } from '../../plan/equal-diagnostics.js';
import { folded } from '../figure.js';
import { type Html, html, name, when } from '../html.js';
import type { Section } from '../page.js';

/** Never folded: whoever waits for such a VM has to see why. */
export function blockedSection({ migrations, counts }: PlanFile): Section[] {
  const groups = equalDiagnostics(migrations, 'error');
  if (groups.length === 0) return [];
  const content = html`<p>${plural(counts.blocked, 'VM is', 'VMs are')} not part of this plan. Apply leaves out what is blocked, and ends with exit code 6.</p>
${groups.map((group) => told(group, 'error'))}`;
  return [{ id: 'blocked', title: 'Blocked', content }];
}

export function warningsSection({ migrations }: PlanFile): Section[] {
  const groups = equalDiagnostics(migrations, 'warning');
  if (groups.length === 0) return [];
  const count = groups.reduce((sum, { addresses }) => sum + addresses.length, 0);
  const kinds = groups.length === count ? '' : ` of ${plural(groups.length, 'kind')}`;
  const content = folded(`${plural(count, 'warning')}${kinds}`, html`${groups.map((group) => told(group, 'warning'))}`);
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
/** The rest of those that are told the same is folded. */
const NAMED_MAX = 20;

function told({ first, addresses }: EqualDiagnostics, severity: 'error' | 'warning'): Html {
  const { code, detail, lines = [], source, related, nextSteps = [] } = first;
  const count = addresses.length === 1 ? '' : ` (${plural(addresses.length, 'time')})`;
  return html`<article class="told ${severity}">
<h3>${catalog[code]} <code>${code}</code>${count}</h3>
${whose(addresses)}<p>${detail}</p>
${lines.map((line) => html`<p>${line}</p>`)}${when(source, (place) => html`<p class="quiet"><code>${placeText(place)}</code></p>`)}${when(
  related,
  (other) => html`<p class="quiet">${other.detail}: <code>${placeText(other.source)}</code></p>`,
)}${when(nextSteps.length > 0 && nextSteps, (steps) => html`<ul>${steps.map((step) => html`<li>${step}</li>`)}</ul>`)}
</article>
`;
}

function whose(addresses: readonly string[]): Html {
  const list = (some: readonly string[]): Html =>
    html`<p class="names">${some.map((one) => html`<span>${name(one)}</span> `)}</p>`;
  const rest = addresses.slice(NAMED_MAX);
  return html`${list(addresses.slice(0, NAMED_MAX))}${when(rest.length > 0 && rest, (more) => folded(`and ${more.length} more`, list(more)))}`;
}
