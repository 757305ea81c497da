import { plural } from '../../model/format.js';
import { isSame, type PlanComparison, type PlanDifference, type VmDifference } from '../../plan/file/compare-plans.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import { jsonText, selectView } from '../printable.js';
import { type Style, style } from '../style.js';
import type { ViewOptions } from '../view-options.js';

interface Compared {
  readonly before: PlanFile;
  readonly after: PlanFile;
}

/** What `diff` has to say. */
export interface DiffView {
  compared(comparison: PlanComparison, plans: Compared): void;
}

export const diffView = (options: ViewOptions): DiffView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams, noColor }: ViewOptions): DiffView => ({
  compared(comparison, { before, after }) {
    if (isSame(comparison)) {
      streams.out(`The plans do the same. ${plural(comparison.same, 'VM')} compared.\n`);
      return;
    }
    const paint = style({ isTerminal: streams.outIsTerminal, off: noColor });
    const common = comparison.common.map((difference) => `      ${differenceText(difference)}\n`);
    streams.out(`${paint.strong(headline(comparison))}\n\n`);
    for (const vm of comparison.vms) streams.out(vmText(vm, paint));
    if (common.length > 0) streams.out(`  ${paint.update('~')} both plans as a whole\n${common.join('')}\n`);
    streams.out(`  - ${before.summary[0] ?? ''}\n  + ${after.summary[0] ?? ''}\n`);
  },
});

function headline({ vms, same }: PlanComparison): string {
  const count = (kind: VmDifference['kind']): number => vms.filter((vm) => vm.kind === kind).length;
  const changed = plural(count('changed'), 'VM is planned otherwise', 'VMs are planned otherwise');
  return `${changed}, ${count('added')} only in the second plan, ${count('removed')} only in the first; ${same} the same.`;
}

function vmText({ address, kind, differences }: VmDifference, paint: Style): string {
  switch (kind) {
    case 'added':
      return `  ${paint.create('+')} ${address} (only in the second plan)\n\n`;
    case 'removed':
      return `  ${paint.danger('-')} ${address} (only in the first plan)\n\n`;
    case 'changed':
      return `  ${paint.update('~')} ${address}\n${differences.map((one) => `      ${differenceText(one)}\n`).join('')}\n`;
  }
}

const differenceText = ({ field, before, after }: PlanDifference): string =>
  `${field}: ${valueText(before)} -> ${valueText(after)}`;

const VALUE_LENGTH_MAX = 300;

function valueText(value: unknown): string {
  if (value === undefined) return '(not there)';
  const text = jsonText(value);
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
}

/** One document. */
const jsonView = ({ streams }: ViewOptions): DiffView => ({
  compared(comparison, { before, after }) {
    const plan = ({ plan: { id }, digest, summary }: PlanFile) => ({ id, digest, summary: summary[0] ?? '' });
    const document = {
      format_version: '1.0',
      equal: isSame(comparison),
      before: plan(before),
      after: plan(after),
      ...comparison,
    };
    streams.out(`${jsonText(document, 2)}\n`);
  },
});
