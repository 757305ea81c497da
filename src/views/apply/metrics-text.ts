import { type MigrationResult, migrationResults } from '../../apply/migration-result.js';

/** How a run ended, for whoever looks at it from outside. */
export interface RunMetrics {
  /** Of the Project; '' where that could not be read. */
  readonly project: string;
  readonly exitCode: number;
  readonly endedAt: Date;
  readonly seconds: number;
  /** Written to volumes. */
  readonly bytes: number;
  readonly outcomes: readonly { readonly address: string; readonly result: MigrationResult }[];
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/**
 * Prometheus' text format, for the textfile collector of node_exporter: gauges only, since nothing is kept between runs, and no
 * timestamps, which it refuses. A series for each result is there from the first run on, so that an alert sees it rise.
 */
export function metricsText({ project, exitCode, endedAt, seconds, bytes, outcomes }: RunMetrics): string {
  const own = { project };
  const count = (wanted: MigrationResult): number => outcomes.filter(({ result }) => result === wanted).length;
  return [
    gauge('end_time_seconds', 'When the last apply ended, in seconds since 1970.', [[own, Math.floor(endedAt.getTime() / 1000)]]),
    gauge('exit_code', 'Exit code of the last apply.', [[own, exitCode]]),
    gauge('duration_seconds', 'How long the last apply took.', [[own, Math.round(seconds * 1000) / 1000]]),
    gauge('written_bytes', 'Bytes that the last apply wrote to volumes.', [[own, bytes]]),
    gauge(
      'migrations',
      'Migrations of the last apply by how they ended.',
      migrationResults.map((result): Sample => [{ ...own, result }, count(result)]),
    ),
    gauge(
      'migration_done',
      'Whether the last apply did all that its plan says of this migration.',
      outcomes.map(({ address, result }): Sample => [{ ...own, migration: address }, result === 'done' ? 1 : 0]),
    ),
  ].join('');
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const full = `migplan_apply_${name}`;
  const lines = samples.map(([labels, value]) => `${full}{${labelText(labels)}} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join('')}`;
}

const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`)
    .join(',');
