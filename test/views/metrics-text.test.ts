import { expect, test } from 'vitest';
import { metricsText } from '../../src/views/apply/metrics-text.js';

interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * What promtool check metrics and the textfile collector want: HELP and TYPE of a metric once and before it, all its samples
 * together, legal names, numbers, no timestamps, no series twice, and a line break at the end.
 */
function parsed(text: string): Series[] {
  expect(text.endsWith('\n')).toBe(true);
  const series: Series[] = [];
  const told = new Set<string>();
  let current = '';
  const lines = text.slice(0, -1).split('\n');
  for (const [index, line] of lines.entries()) {
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S.*\.$/.exec(line);
    if (help !== null) {
      current = help[1]!;
      expect(told, `${current} comes once`).not.toContain(current);
      told.add(current);
      expect(lines[index + 1]).toBe(`# TYPE ${current} gauge`);
      expect(current).not.toMatch(/_(total|count|sum|bucket)$/);
      continue;
    }
    if (line.startsWith('# TYPE')) continue;
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\{(.*)\} (\S+)$/.exec(line);
    expect(sample, `a sample without a timestamp: ${line}`).not.toBeNull();
    expect(sample![1]).toBe(current);
    series.push({ name: current, labels: labelsIn(sample![2]!), value: Number(sample![3]) });
    expect(Number.isFinite(series.at(-1)!.value)).toBe(true);
  }
  const keys = series.map(({ name, labels }) => JSON.stringify([name, labels]));
  expect(new Set(keys).size).toBe(keys.length);
  return series;
}

function labelsIn(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const rest = text.replace(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/g, (_all, name: string, value: string) => {
    labels[name] = value.replace(/\\(.)/g, (_pair, sign: string) => (sign === 'n' ? '\n' : sign));
    return '';
  });
  expect(rest, 'labels that cannot be read').toBe('');
  return labels;
}

const usual = { project: 'acme', exitCode: 6, endedAt: new Date('2026-06-01T12:00:00.900Z'), seconds: 12.3456, bytes: 4096 };
const outcomes = [
  { address: 'vm/a', result: 'done' },
  { address: 'vm/b', result: 'failed' },
] as const;

test('says how the run ended, and of every migration', () => {
  const series = parsed(metricsText({ ...usual, outcomes }));
  const metric = (name: string, labels: Record<string, string> = {}) =>
    series.find(
      (one) => one.name === `migplan_apply_${name}` && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
    )?.value;
  expect(metric('end_time_seconds')).toBe(Date.parse('2026-06-01T12:00:00Z') / 1000);
  expect(metric('exit_code')).toBe(6);
  expect(metric('duration_seconds')).toBe(12.346);
  expect(metric('written_bytes')).toBe(4096);
  for (const [result, count] of [
    ['done', 1],
    ['failed', 1],
    ['locked', 0],
    ['not-approved', 0],
  ] as const)
    expect(metric('migrations', { result })).toBe(count);
  expect([metric('migration_done', { migration: 'vm/a' }), metric('migration_done', { migration: 'vm/b' })]).toEqual([1, 0]);
  expect(series.every(({ labels }) => labels['project'] === 'acme')).toBe(true);
});

test('of a run that ended before it knew anything, too', () => {
  const series = parsed(metricsText({ ...usual, project: '', outcomes: [], bytes: 0, exitCode: 1 }));
  expect(series.map(({ name }) => name)).toContain('migplan_apply_exit_code');
  expect(series.map(({ name }) => name)).not.toContain('migplan_apply_migration_done');
});

test('of names with quotes, backslashes and line breaks', () => {
  const project = 'a"b\\c\nd';
  expect(parsed(metricsText({ ...usual, project, outcomes })).every(({ labels }) => labels['project'] === project)).toBe(true);
});
