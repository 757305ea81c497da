import { expect, test } from 'vitest';
import type { DiskStatus, StatusReport } from '../../src/engine/status.js';
import { statusWatchView } from '../../src/views/status/view.js';
import { RecordingStreams, TestTime, viewOptions } from './streams.js';

const report = (percentDone: number, more = 0): StatusReport => ({
  disks: Array.from(
    { length: 1 + more },
    (_, index): DiskStatus => ({
      address: `vm/web0${index}/disk/2000`,
      phase: 'seed',
      power: 'on',
      volume: 'v',
      state: 'seeding',
      percentDone: index === 0 ? percentDone : 0,
    }),
  ),
  running: [],
  leftovers: [],
  unclaimed: [],
  unseen: [],
});

/** A terminal that does what the sequences of a frame say: what stands on it in the end. */
function screen(text: string): string[] {
  const lines: string[] = [''];
  for (const [, up, line] of text.matchAll(/␛\[(\d+)A␛\[0J|([^␛]*\n|[^␛\n]+)/g)) {
    if (up !== undefined) lines.splice(Math.max(0, lines.length - 1 - Number(up)), Number.MAX_SAFE_INTEGER, '');
    else
      for (const part of line!.split(/(?<=\n)/)) {
        lines[lines.length - 1] += part.replace('\n', '');
        if (part.endsWith('\n')) lines.push('');
      }
  }
  return lines;
}

const smallTerminal = (): RecordingStreams => new RecordingStreams(true, 60, 8);

test('on a terminal each look takes the place of the one before, and nothing has to be put back at the end', () => {
  const streams = smallTerminal();
  streams.out('$ migplan status --watch\n');
  const view = statusWatchView(viewOptions(streams));
  for (const percent of [1, 2, 33]) view.status(report(percent));
  const lines = screen(streams.text);
  expect(lines[0]).toBe('$ migplan status --watch');
  expect(lines.filter((line) => line.includes('vm/web00/disk/2000'))).toHaveLength(1);
  expect(lines.find((line) => line.includes('vm/web00'))).toContain('seeding 33%');
  expect(lines.at(-1)).toBe('');
  expect(streams.text).not.toMatch(/␛\[\?/);
});

test('more than fits is cut to the height and the width of the terminal, so that the next look finds all of it', () => {
  const streams = smallTerminal();
  const view = statusWatchView(viewOptions(streams));
  for (const percent of [1, 2, 3]) view.status(report(percent, 20));
  const lines = screen(streams.text);
  expect(lines.length - 1).toBeLessThan(streams.rows);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(streams.columns);
  expect(lines.at(-2)).toMatch(/^and \d+ lines more$/);
});

test('in a pipe only what has changed is told, each line with its time', () => {
  const streams = new RecordingStreams(false);
  const time = new TestTime();
  const view = statusWatchView(viewOptions(streams, { now: time.now }));
  for (const percent of [1, 1, 2]) {
    view.status(report(percent, 1));
    time.pass(10);
  }
  view.trouble('vc: Login: no connection');
  const lines = streams.text.trimEnd().split('\n');
  expect(lines.filter((line) => line.includes('vm/web00'))).toHaveLength(2);
  expect(lines.filter((line) => line.includes('vm/web01'))).toHaveLength(1);
  expect(lines.filter((line) => !/^(?:2026-06-01T12:00:\d\d\.000Z |stderr\| )/.test(line))).toEqual([]);
  expect(lines.at(-1)).toContain('no connection');
});

test('for programs: one document a line', () => {
  const streams = new RecordingStreams(false);
  const view = statusWatchView(viewOptions(streams, { format: 'json' }));
  view.status(report(1));
  view.trouble('x');
  const lines = streams.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ format_version, disks, trouble }) => [format_version, Array.isArray(disks), trouble])).toEqual([
    ['1.0', true, undefined],
    ['1.0', false, 'x'],
  ]);
});
