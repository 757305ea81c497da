import { catalog } from '../../../diag/catalog.js';
import type { Diagnostic } from '../../../diag/diagnostic.js';
import { escapeXml } from '../../../model/xml-text.js';
import { wordsOf } from '../../../plan/core/action-table.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import type { PlannedEntry } from '../../../plan/file/planned-entry.js';
import { isBlocked } from '../../../plan/file/summary.js';
import { type EqualDiagnostics, named } from '../equal-diagnostics.js';
import { violationGroups } from '../violations.js';

/** A test case a VM: blocked ones failed, those with nothing to do are skipped. */
export function junitReport(whole: PlanFile): string {
  const { migrations, plan } = whole;
  const broken = violationGroups(whole);
  const failures = migrations.filter(isBlocked).length + broken.length;
  const skipped = migrations.filter((entry) => !isBlocked(entry) && entry.actions.length === 0).length;
  const counts = `tests="${migrations.length + broken.length}" failures="${failures}" skipped="${skipped}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="migplan plan" ${counts}>`,
    `  <testsuite name="migplan plan" ${counts} timestamp="${plan.created_at.slice(0, 19)}">`,
    ...broken.map(brokenCase),
    ...migrations.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** A rule that is broken, as a test case of its own. */
function brokenCase({ first, addresses }: EqualDiagnostics): string {
  const open = `    <testcase classname="migplan.policy" name="${xml(named(addresses))}">`;
  return `${open}\n${failure([first])}\n    </testcase>`;
}

function testCase(entry: PlannedEntry): string {
  const { address, phase, file, actions, diagnostics, notes } = entry;
  const open = `    <testcase classname="migplan.${phase}" name="${xml(address)}" file="${xml(file)}"`;
  if (isBlocked(entry)) return `${open}>\n${failure(diagnostics)}\n    </testcase>`;
  if (actions.length === 0) return `${open}><skipped message="${xml(notes.join('; ') || 'nothing to do')}"/></testcase>`;
  const out = [...wordsOf(actions), ...diagnostics.map(diagnosticLine)].join('\n');
  return out === '' ? `${open}/>` : `${open}><system-out>${xml(out)}</system-out></testcase>`;
}

function failure(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const text = errors.flatMap((one) => [diagnosticLine(one), ...(one.nextSteps ?? []).map((step) => `- ${step}`)]).join('\n');
  return `      <failure type="${first!.code}" message="${xml(catalog[first!.code])}">${xml(text)}</failure>`;
}

function diagnosticLine({ code, detail, lines = [], source }: Diagnostic): string {
  const place = source === undefined ? '' : ` (${source.file}:${source.start.line})`;
  return [`${catalog[code]} [${code}]${place}: ${detail}`, ...lines].join('\n');
}

/** The controls were made printable before; two characters that are none have no form in XML. */
const xml = (text: string): string => escapeXml(text, '\ufffd');
