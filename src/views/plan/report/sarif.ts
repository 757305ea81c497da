import { catalog, type DiagnosticCode } from '../../../diag/catalog.js';
import type { Diagnostic } from '../../../diag/diagnostic.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import type { PlannedEntry } from '../../../plan/file/planned-entry.js';
import { jsonText } from '../../printable.js';

/** GitHub shows no more of a run, and refuses a file with very many. Errors come first. */
const RESULTS_MAX = 5000;

/** SARIF 2.1.0: what blocks VMs and what is warned of, at the lines of their manifests. */
export function sarifReport({ migrations, tool, violations }: PlanFile): string {
  const ofRules = (violations ?? []).map((diagnostic) => ({ entry: WHOLE, diagnostic }));
  const ofVms = migrations.flatMap((entry) => entry.diagnostics.map((diagnostic) => ({ entry, diagnostic })));
  const found: readonly Found[] = [...ofRules, ...ofVms];
  const sorted = ['error', 'warning'].flatMap((severity) => found.filter(({ diagnostic }) => diagnostic.severity === severity));
  const told = sorted.slice(0, RESULTS_MAX);
  const codes = [...new Set(told.map(({ diagnostic }) => diagnostic.code))].sort();
  const run = {
    tool: { driver: { name: 'migplan', version: tool.migplan_version, rules: codes.map(ruleOf) } },
    columnKind: 'unicodeCodePoints',
    results: told.map(({ entry, diagnostic }) => resultOf(entry, diagnostic, codes)),
  };
  const document = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${jsonText(document, 2)}\n`;
}

interface Found {
  readonly entry: Pick<PlannedEntry, 'address' | 'file'>;
  readonly diagnostic: Diagnostic;
}

/** What is of no VM is of the Project. */
const WHOLE: Found['entry'] = { address: 'the plan', file: 'migplan.yaml' };

const ruleOf = (code: DiagnosticCode) => ({ id: code, shortDescription: { text: catalog[code] } });

function resultOf(
  entry: Found['entry'],
  { severity, code, detail, lines = [], address = entry.address, source, nextSteps = [] }: Diagnostic,
  codes: readonly string[],
) {
  const text = [`${address}: ${detail}`, ...lines, ...nextSteps.map((step) => `- ${step}`)].join('\n');
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text },
    locations: [{ physicalLocation: physicalLocation(entry, source) }],
    // What makes it the same finding in the next plan, though lines of the file have moved.
    partialFingerprints: { 'migplan/v1': `${code} ${address}` },
  };
}

/** A result without a place has the whole file refused: what has none stands at the first line of its manifest. */
function physicalLocation({ file }: Found['entry'], source: Diagnostic['source']) {
  const uri = uriOf(source?.file ?? file);
  if (source === undefined) return { artifactLocation: { uri }, region: { startLine: 1 } };
  const { start, end } = source;
  return {
    artifactLocation: { uri },
    region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
  };
}

/** A relative reference without a scheme or a host, whatever the file is called. */
const uriOf = (path: string): string => path.split('/').filter(Boolean).map(encodeURIComponent).join('/') || 'migplan.yaml';
