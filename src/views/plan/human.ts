import { catalog } from '../../diag/catalog.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { plural } from '../../model/format.js';
import { providerTypes } from '../../model/provider-types.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';
import { applyCommand, type CalledWith } from '../command-line.js';
import { diagnosticText } from '../diagnostic-text.js';
import { type Style, style } from '../style.js';
import type { ViewOptions } from '../view-options.js';
import { blockText } from './block.js';
import { type ChangeSymbol, symbolMeanings, symbolStyle } from './change-symbol.js';
import { entryBlocks, marksOf } from './entry-blocks.js';
import { type EqualDiagnostics, equalDiagnostics, named } from './equal-diagnostics.js';
import { stepLines } from './step-lines.js';
import { planTable, tableSymbols } from './table.js';
import { verdictLines } from './verdict.js';
import type { PlanShown, PlanView } from './view.js';
import { violationGroups } from './violations.js';
import { timeText } from './when-text.js';

/** More changed VMs than this are shown one line each unless asked otherwise. */
const BLOCKS_FOR_VMS_MAX = 20;
/** Whoever waits for a VM that is blocked looks for its name. */
const BLOCKED_NAMED_MAX = 50;

export class HumanPlanView implements PlanView {
  private readonly paint: Style;
  private readonly paintErr: Style;
  constructor(private readonly options: ViewOptions) {
    this.paint = style({ isTerminal: options.streams.outIsTerminal, off: options.noColor });
    this.paintErr = style({ isTerminal: options.streams.errIsTerminal, off: options.noColor });
  }

  plan(plan: PlanFile, { detail, seconds }: PlanShown): void {
    const changing = plan.migrations.filter(({ actions }) => actions.length > 0);
    if (changing.length === 0 && plan.blocked.length === 0) {
      this.noChanges(plan, seconds);
      return;
    }
    const isTable = detail === 'vm' || (detail === 'auto' && changing.length > BLOCKS_FOR_VMS_MAX);
    this.out(
      `${verdictLines(plan)
        .map((line) => this.paint.strong(line))
        .join('\n')}\n\n`,
    );
    this.header(plan, isTable);
    this.groups('Rules that this plan breaks (apply refuses it as long as it does):', violationGroups(plan));
    this.blocked(plan.migrations);
    if (isTable) this.out(`${planTable(plan.migrations, new Date(plan.plan.created_at), this.paint)}\n`);
    else this.blocks(plan);
    if (detail === 'step') for (const entry of plan.migrations) this.out(stepLines(entry, this.paint));
    this.notCarried(plan, isTable);
    this.notes(plan);
    this.warnings(plan);
    const [first, ...rest] = plan.summary;
    this.out([this.paint.strong(first ?? ''), ...rest, ''].join('\n'));
  }

  private header(plan: PlanFile, isTable: boolean): void {
    const from = plan.targets.map(({ kind, provider }) => `${providerTypes[kind].word} "${provider}"`).join(' and ');
    this.out(
      `migplan used live data from ${from} to generate the\nfollowing migration plan. Actions are indicated with the following symbols:\n`,
    );
    const marks = isTable ? tableSymbols(plan.migrations) : marksOf(plan.migrations.flatMap(entryBlocks));
    if (plan.blocked.length > 0 || plan.violations !== undefined) marks.add('x');
    for (const symbol of Object.keys(symbolMeanings) as ChangeSymbol[]) {
      if (marks.has(symbol)) this.out(`  ${symbolStyle(symbol, this.paint)(symbol)} ${symbolMeanings[symbol]}\n`);
    }
    this.out('\n');
  }

  private blocks({ migrations }: PlanFile): void {
    if (migrations.some(({ actions }) => actions.length > 0)) this.out('migplan will perform the following actions:\n\n');
    for (const block of migrations.flatMap(entryBlocks)) this.out(`${blockText(block, this.paint)}\n`);
  }

  /** What is left behind, of each VM; of many VMs, of which. */
  private notCarried({ migrations }: PlanFile, isTable: boolean): void {
    const losing = migrations.filter(({ notCarried = [] }) => notCarried.length > 0);
    if (isTable && losing.length > 0) {
      const which = named(losing.map(({ address }) => address));
      this.out(`  . Not all is carried over of ${plural(losing.length, 'VM')} (--detail disk lists it): ${which}\n`);
      return;
    }
    for (const { address, notCarried = [] } of losing) {
      const lines = notCarried.map(({ of, property, value, note }) => {
        const why = note === undefined ? '' : ` (${note})`;
        return `      ${of}: ${property} = "${value}"${why}\n`;
      });
      this.out(`  Not carried over of ${address}:\n${lines.join('')}\n`);
    }
  }

  /** Why nothing happens to a VM that someone may wait for. */
  private notes({ migrations, notes: common = [] }: PlanFile): void {
    const noted = [
      ...migrations.flatMap(({ address, notes }) => notes.map((note) => `  . ${address}: ${note}\n`)),
      ...common.map((note) => `  . ${note}\n`),
    ];
    if (noted.length > 0) this.out(`${noted.join('')}\n`);
  }

  private blocked(entries: readonly PlannedEntry[]): void {
    this.groups('Blocked (not part of this plan):', equalDiagnostics(entries, 'error'));
  }

  private groups(title: string, groups: readonly EqualDiagnostics[]): void {
    if (groups.length === 0) return;
    this.out(`${title}\n\n`);
    for (const { first, addresses } of groups) {
      const { code, detail, lines: below = [], source, nextSteps = [] } = first;
      const lines = [
        `  ${this.paint.blocked('x')} ${named(addresses, BLOCKED_NAMED_MAX)}: ${catalog[code]} [${code}]`,
        ...[detail, ...below].map((line) => `      ${line}`),
        ...(source === undefined ? [] : [`      on ${source.file} line ${source.start.line}`]),
        ...nextSteps.map((step) => `      - ${step}`),
      ];
      this.out(`${lines.join('\n')}\n\n`);
    }
  }

  private warnings({ migrations }: PlanFile): void {
    for (const { first, addresses } of equalDiagnostics(migrations, 'warning')) {
      const others = addresses.slice(1);
      const same = others.length === 0 ? '' : `  the same of ${plural(others.length, 'other')}: ${named(others)}\n`;
      this.out(`${diagnosticText(first, this.paint)}${same}\n`);
    }
  }

  private noChanges(plan: PlanFile, seconds: number | undefined): void {
    const { selected } = plan.inputs;
    const isNothing = plan.migrations.length === 0 && selected.length > 0;
    const why = isNothing
      ? `No migration is selected (${selected.join(', ')}): nothing was compared.`
      : 'Your infrastructure matches the configuration.';
    this.out(`${this.paint.create(`No changes. ${why}`)}\n\n`);
    this.notes(plan);
    this.warnings(plan);
    const took = seconds === undefined ? '' : ` in ${Math.round(seconds)}s`;
    const converted = plan.migrations.filter(({ notes }) => notes.includes('Volume already converted')).length;
    const inSync = plan.migrations.length - converted;
    const parts = [inSync > 0 ? `${inSync} in sync` : '', converted > 0 ? `${converted} converted` : ''].filter(
      (part) => part !== '',
    );
    this.out(`${plural(plan.migrations.length, 'VM')} checked${took}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}.\n`);
  }

  saved(path: string, plan: PlanFile, calledWith: CalledWith = {}): void {
    const expires = timeText(plan.plan.expires_at);
    this.out(`\nSaved the plan to: ${path}  (${plan.digest.slice(0, 15)}…, expires ${expires})\n`);
    if (this.options.inAutomation || !plan.plan.applyable) return;
    this.out(`\nTo perform exactly these actions, run:\n    ${applyCommand(path, calledWith)}\n`);
  }

  notSaved(): void {
    if (this.options.inAutomation) return;
    this.out(
      '\nNote: without --out the plan is not saved, so migplan can\'t guarantee to take exactly these actions\nif you run "migplan apply" now.\n',
    );
  }

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) this.options.streams.err(`${diagnosticText(diagnostic, this.paintErr)}\n`);
  }

  private out(text: string): void {
    this.options.streams.out(text);
  }
}
