import { catalog } from '../diag/catalog.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { jsonText } from './printable.js';
import type { Streams } from './streams.js';

/** Minor: fields and types were added; major: something changed its meaning. */
export const EVENT_STREAM_VERSION = '1.0';

type Level = 'info' | 'warn' | 'error';

/**
 * One JSON object a line on stdout, with the common keys of Terraform's stream. `type` is public interface;
 * schemas/events.schema.json describes each; unknown types may be shown by their `@message`.
 */
export class JsonLines {
  constructor(
    private readonly streams: Streams,
    private readonly now: () => Date,
  ) {}

  version(migplan: string): void {
    this.line('version', `migplan ${migplan}`, { migplan, ui: EVENT_STREAM_VERSION });
  }

  line(type: string, message: string, fields: Readonly<Record<string, unknown>> = {}, level: Level = 'info'): void {
    const common = { '@level': level, '@message': message, '@module': 'migplan', '@timestamp': this.now().toISOString(), type };
    this.streams.out(`${jsonText({ ...common, ...fields })}\n`);
  }

  diagnostic(diagnostic: Diagnostic): void {
    const { severity, code, detail, lines, address, source, related, nextSteps } = diagnostic;
    const level = severity === 'error' ? 'error' : 'warn';
    const message = `${severity === 'error' ? 'Error' : 'Warning'}: ${catalog[code]}`;
    this.line(
      'diagnostic',
      message,
      { diagnostic: jsonDiagnostic({ severity, code, detail, lines, address, source, related, nextSteps }) },
      level,
    );
  }
}

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Terraform's field names where it has them: summary, detail, address, range. */
export function jsonDiagnostic({
  severity,
  code,
  detail,
  lines = [],
  address,
  source,
  related,
  nextSteps,
}: Loose<Diagnostic>): Record<string, unknown> {
  return {
    severity,
    code,
    summary: code === undefined ? '' : catalog[code],
    detail: [detail, ...lines].join('\n'),
    ...(address === undefined ? {} : { address }),
    ...(source === undefined ? {} : { range: rangeOf(source) }),
    ...(related === undefined ? {} : { related: { detail: related.detail, range: rangeOf(related.source) } }),
    ...(nextSteps === undefined ? {} : { next_steps: nextSteps }),
  };
}

const rangeOf = ({ file, start, end }: NonNullable<Diagnostic['source']>) => ({
  filename: file,
  start: { line: start.line, column: start.column, byte: start.offset },
  end: { line: end.line, column: end.column, byte: end.offset },
});
