import { plural } from '../../../model/format.js';
import type { MaintenanceWindow } from '../../../model/window.js';
import { type OpenSpan, openSpans } from '../../../plan/core/window.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import type { PlannedEntry } from '../../../plan/file/planned-entry.js';
import { dayText } from '../../plan/when-text.js';
import { type Chart, secondsOf } from '../charts.js';
import { figure, longTable } from '../figure.js';
import { type Html, html, name } from '../html.js';
import type { Section } from '../page.js';

/** More lines than this cannot be told apart; the table has them all. */
const ROWS_DRAWN_MAX = 24;
const SPANS_MAX = 4;
const AHEAD_MS = 31 * 24 * 3_600_000;
const ID = 'windows-chart';

interface Shared {
  readonly window: MaintenanceWindow | undefined;
  readonly vms: readonly string[];
  readonly spans: readonly OpenSpan[];
}

/** When apply may work on which VMs: every window once, the next one first. */
export function windowsSection({ migrations, plan }: PlanFile): Section[] {
  const changing = migrations.filter(({ actions }) => actions.length > 0);
  if (changing.every(({ window }) => window === undefined)) return [];
  const at = new Date(plan.created_at);
  const expires = new Date(plan.expires_at);
  const shared = sharedWindows(changing, at).sort((a, b) => opensAt(a) - opensAt(b));
  const rows = shared.map((one) => rowText(one, { at, expires }));
  const drawn = shared.filter(({ window, spans }) => window !== undefined && spans.length > 0);
  const more = drawn.length > ROWS_DRAWN_MAX ? ` The first ${ROWS_DRAWN_MAX} of ${drawn.length} windows are drawn.` : '';
  const content = html`${figure(ID, `Time in UTC. The first line is how long this plan may be applied.${more}`)}${longTable('Windows', ['window', 'VMs', 'open', 'this plan'], rows, 'window')}`;
  return [{ id: 'windows', title: 'Windows', content, charts: [chartOf(drawn.slice(0, ROWS_DRAWN_MAX), at, expires)] }];
}

function sharedWindows(entries: readonly PlannedEntry[], at: Date): Shared[] {
  const known = new Map<string, { window: MaintenanceWindow | undefined; vms: string[] }>();
  for (const { window, name: vm } of entries) {
    const key = window === undefined ? '' : Object.values(window).join('\n');
    const same = known.get(key) ?? { window, vms: [] };
    same.vms.push(vm);
    known.set(key, same);
  }
  const until = new Date(at.getTime() + AHEAD_MS);
  return [...known.values()].map(({ window, vms }) => {
    return { window, vms, spans: window === undefined ? [] : openSpans(window, { from: at, until, most: SPANS_MAX }) };
  });
}

/** Without a window it may be done at once. Windows that are over, or open in a month and later, come last. */
const opensAt = ({ window, spans }: Shared): number =>
  window === undefined ? Number.NEGATIVE_INFINITY : (spans[0]?.opensAt.getTime() ?? Number.POSITIVE_INFINITY);

const titleOf = (window: MaintenanceWindow): string =>
  window.name ?? (window.kind === 'cron' ? `${window.cron} ${window.timezone}` : window.start);

const NAMED_MAX = 5;

function rowText({ window, vms, spans }: Shared, { at, expires }: { readonly at: Date; readonly expires: Date }): Html {
  const named = html`${vms.slice(0, NAMED_MAX).map((vm, index) => html`${index === 0 ? '' : ', '}${name(vm)}`)}`;
  const rest = vms.length > NAMED_MAX ? ` and ${vms.length - NAMED_MAX} more` : '';
  const open = window === undefined ? 'at any time' : spans.length === 0 ? noneText(window, at) : undefined;
  const times = html`${open ?? spans.map((span) => html`<span class="line">${spanText(span, at)}</span>`)}`;
  const refused = refusal({ window, spans }, { at, expires });
  const verdict = refused === undefined ? html`may be applied in it` : html`<b class="danger">${refused}</b>`;
  return html`<tr><th scope="row">${window === undefined ? 'none' : name(titleOf(window))}</th><td class="several">${plural(vms.length, 'VM')}: ${named}${rest}</td><td>${times}</td><td>${verdict}</td></tr>
`;
}

const isOver = (window: MaintenanceWindow, at: Date): boolean => window.kind === 'once' && new Date(window.end) <= at;

/** Why this plan is not applied in the window; undefined: it may be. */
function refusal(
  { window, spans }: Pick<Shared, 'window' | 'spans'>,
  { at, expires }: { readonly at: Date; readonly expires: Date },
): string | undefined {
  if (window === undefined) return undefined;
  if (isOver(window, at)) return 'never: give its VMs another window';
  return spans.some(({ opensAt: from }) => from < expires) ? undefined : 'expires before it opens: plan again then';
}

const noneText = (window: MaintenanceWindow, at: Date): string =>
  isOver(window, at) ? 'its window is over' : 'not in the next 31 days';

function spanText({ opensAt: from, closesAt }: OpenSpan, at: Date): string {
  const begin = from.getTime() === at.getTime() ? 'now' : dayText(from);
  return closesAt === undefined ? `${begin}, without an end` : `${begin} to ${dayText(closesAt)}`;
}

function chartOf(drawn: readonly Shared[], at: Date, expires: Date): Chart {
  const ends = drawn.flatMap(({ spans }) => spans.map(({ opensAt: from, closesAt }) => closesAt ?? from));
  const to = Math.max(...[expires, ...ends].map((time) => time.getTime()));
  const rows = drawn.map(({ window, spans }) => ({
    label: titleOf(window!),
    spans: spans.map((span): [number, number] => [secondsOf(span.opensAt), secondsOf(span.closesAt ?? new Date(to))]),
  }));
  const lifetime = { label: 'this plan', spans: [[secondsOf(at), secondsOf(expires)] as const] };
  return { kind: 'timeline', id: ID, rows: [lifetime, ...rows], from: secondsOf(at), to: secondsOf(new Date(to)) };
}
