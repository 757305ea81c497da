import { catalog, type DiagnosticCode } from '../../diag/catalog.js';
import { codeGroups } from '../../diag/code-groups.js';
import { own } from '../../model/own.js';
import { checkTable } from '../../plan/checks/check-table.js';
import { jsonText, selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';

/** What `explain` has to say. */
export interface ExplainView {
  explained(code: DiagnosticCode): void;
}

export const explainView = (options: ViewOptions): ExplainView => selectView(options, { human: humanView, json: jsonView });

interface Explained {
  readonly code: DiagnosticCode;
  readonly summary: string;
  readonly group: string;
  /** Checks that say it, by name. */
  readonly checks: readonly { readonly name: string; readonly about: string; readonly looks_at: string }[];
}

function explain(code: DiagnosticCode): Explained {
  const checks = Object.entries(checkTable).filter(([, { says }]) => (says as readonly DiagnosticCode[]).includes(code));
  return {
    code,
    summary: catalog[code],
    group: own(codeGroups, code.slice(2, 3)) ?? '',
    checks: checks.map(([name, { about, looksAt }]) => ({ name, about, looks_at: looksAt })),
  };
}

const humanView = ({ streams }: ViewOptions): ExplainView => ({
  explained(asked) {
    const { code, summary, group, checks } = explain(asked);
    const rows = checks.map(({ name, about, looks_at: looksAt }) => `  ${name} (${about}): ${looksAt}\n`);
    const found =
      rows.length === 0
        ? 'No check looks for it beforehand: it is found when it happens.\n'
        : `Found beforehand by:\n${rows.join('')}plan and doctor make these checks, and so does apply before the first step and before one that cannot be taken back.\n`;
    streams.out(`${code}: ${summary}\nOf: ${group}\n\n${found}\nWhere it is told, it says what is true, and what to do.\n`);
  },
});

/** One document. */
const jsonView = ({ streams }: ViewOptions): ExplainView => ({
  explained: (code) => streams.out(`${jsonText({ format_version: '1.0', ...explain(code) }, 2)}\n`),
});
