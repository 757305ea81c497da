import { plural } from '../../model/format.js';
import { copiesOf, isIrreversible, powersOff } from '../../plan/core/action-table.js';
import { isAdopted } from '../../plan/core/adoption.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';
import { isBlocked, transferText } from '../../plan/file/summary.js';
import { named } from './equal-diagnostics.js';
import { downtimeText, windowTexts } from './when-text.js';

/** `migplan: 2 to add, 8 to change, 2 blocked`. */
export function headingText({ counts, plan }: PlanFile): string {
  const { create, update, blocked } = counts;
  if (!plan.applyable && blocked === 0) return 'migplan: no changes';
  return `migplan: ${create} to add, ${update} to change${blocked > 0 ? `, ${blocked} blocked` : ''}`;
}

/** What a reviewer has to know before anything else, one sentence a line. `name` makes a name fit for where it is said. */
export function verdictLines(plan: PlanFile, name: (text: string) => string = (text) => text): string[] {
  const { migrations } = plan;
  if (!plan.plan.applyable) return blockedLine(migrations, name);
  return [
    downLine(plan, name),
    ...finalLine(migrations, name),
    `${capital(transferText(migrations) ?? 'nothing is copied')}.`,
    ...writtenOverLine(migrations, name),
    ...adoptedLine(migrations, name),
    ...brokenLine(plan),
    ...blockedLine(migrations, name),
  ];
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const DOWN_TOLD_MAX = 5;

const goesDown = ({ actions }: PlannedEntry): boolean => actions.some(powersOff);

function downLine({ migrations, plan }: PlanFile, name: (text: string) => string): string {
  const down = migrations.filter(goesDown);
  if (down.length === 0) return 'No VM goes down.';
  const when = windowTexts(new Date(plan.created_at));
  const told = down
    .slice(0, DOWN_TOLD_MAX)
    .map((entry) => `${name(entry.name)} (${[when(entry.window), ...lengthOf(entry)].join('; ')})`);
  const more = down.length > told.length ? ` and ${down.length - told.length} more` : '';
  return `${plural(down.length, 'VM goes down', 'VMs go down')}: ${told.join(', ')}${more}.`;
}

const lengthOf = ({ downtime }: PlannedEntry): string[] => (downtime === undefined ? [] : [`off: ${downtimeText(downtime)}`]);

/** What cannot be undone, and takes no VM down. */
function finalLine(entries: readonly PlannedEntry[], name: (text: string) => string): string[] {
  const final = entries.filter((entry) => !goesDown(entry) && entry.actions.some(isIrreversible));
  if (final.length === 0) return [];
  const which = named(final.map((entry) => name(entry.name)));
  return [`${plural(final.length, 'VM is', 'VMs are')} cut over without a power-off: ${which}.`];
}

const isWrittenOver = ({ actions }: PlannedEntry): boolean =>
  actions.flatMap(copiesOf).some((disk) => disk.mode === 'full' && disk.reason === 'reseed' && disk.repair !== true);

function writtenOverLine(entries: readonly PlannedEntry[], name: (text: string) => string): string[] {
  const over = entries.filter(isWrittenOver);
  if (over.length === 0) return [];
  return [`Volumes of ${plural(over.length, 'VM')} are written over: ${named(over.map((entry) => name(entry.name)))}.`];
}

function adoptedLine(entries: readonly PlannedEntry[], name: (text: string) => string): string[] {
  const over = entries.filter(({ actions }) => actions.flatMap(copiesOf).some(isAdopted));
  if (over.length === 0) return [];
  return [
    `Volumes of ${plural(over.length, 'VM')} are taken over from other tools: ${named(over.map((entry) => name(entry.name)))}.`,
  ];
}

function brokenLine({ violations = [] }: PlanFile): string[] {
  if (violations.length === 0) return [];
  return [`It breaks rules (${plural(violations.length, 'violation')}): apply refuses it as long as it does.`];
}

function blockedLine(entries: readonly PlannedEntry[], name: (text: string) => string): string[] {
  const blocked = entries.filter(isBlocked);
  if (blocked.length === 0) return [];
  return [`${plural(blocked.length, 'VM is blocked', 'VMs are blocked')}: ${named(blocked.map((entry) => name(entry.name)))}.`];
}
