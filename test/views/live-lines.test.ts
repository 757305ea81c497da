import { describe, expect, onTestFinished, test } from 'vitest';
import { Screen } from '../../lab/harness/screen.js';
import { diskKey, GiB } from '../../src/model/ids.js';
import { LiveLines } from '../../src/views/apply/live-lines.js';
import { applyView } from '../../src/views/apply/select.js';
import { TotalProgress } from '../../src/views/apply/total-progress.js';
import type { Streams } from '../../src/views/streams.js';
import { cutTo, padded, textWidth } from '../../src/views/text-width.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { RecordingStreams, TestTime, viewOptions } from './streams.js';

/** A terminal that can be made another size while somebody draws on it. */
class Terminal implements Streams {
  readonly outIsTerminal = true;
  readonly errIsTerminal = true;
  readonly screen: Screen;
  constructor(
    public columns: number,
    public rows = 24,
  ) {
    this.screen = new Screen(columns);
  }
  out(text: string): void {
    this.screen.write(text.replaceAll('\n', '\r\n'));
  }
  err = (text: string): void => this.out(text);
  resize(columns: number): void {
    this.columns = columns;
    this.screen.resize(columns);
  }
}

const named = (name: string) => (): string => name;
const FOREVER = 1e9;
let now = 0;
const clock = (): number => (now += 1000);

describe('live lines', () => {
  test('are rewritten in place, below ordinary lines; those that are finished leave', () => {
    const terminal = new Terminal(40);
    const live = new LiveLines(terminal, clock);
    live.set('a', named('a 1%'));
    live.set('b', named('b 1%'));
    live.set('a', named('a 2%'));
    live.print('something happened\n');
    live.remove('a');
    expect(terminal.screen.shown()).toEqual(['something happened', 'b 1%', '']);
    live.close();
    expect(terminal.screen.shown()).toEqual(['something happened', '']);
  });

  test('are no more than fit, with how many are not shown, and the last one always', () => {
    const terminal = new Terminal(40, 6);
    const live = new LiveLines(terminal, clock, named('Total'));
    for (let disk = 1; disk <= 9; disk++) live.set(`${disk}`, named(`disk ${disk}`));
    expect(terminal.screen.shown()).toEqual(['disk 1', 'disk 2', '... and 7 more', 'Total', '']);
    live.close();
    expect(terminal.screen.shown()).toEqual(['']);
  });

  test.each([1, 2, 3])('draw something on a terminal of %i rows', (rows) => {
    const terminal = new Terminal(40, rows);
    const live = new LiveLines(terminal, clock);
    for (const name of ['a', 'b', 'c']) live.set(name, named(name));
    expect(terminal.screen.shown()[0]).toBe('... and 3 more');
  });

  test('leave nothing behind where a key was echoed, such as ^C', () => {
    const terminal = new Terminal(40);
    const live = new LiveLines(terminal, clock);
    live.set('a', named('abcdef'));
    terminal.screen.write('^C');
    live.close();
    expect(terminal.screen.shown()).toEqual(['']);
  });

  test('leave nothing behind where the terminal became narrower, or wider', () => {
    const terminal = new Terminal(60);
    const live = new LiveLines(terminal, clock);
    live.set('a', named('x'.repeat(100)));
    live.set('b', named('y'.repeat(100)));
    terminal.resize(25);
    live.set('a', named('x'.repeat(100)));
    terminal.resize(90);
    live.print('done\n');
    live.close();
    expect(terminal.screen.shown()).toEqual(['done', '']);
  });

  test('never wrap: wide characters take two columns', () => {
    const terminal = new Terminal(11);
    const live = new LiveLines(terminal, () => FOREVER);
    live.set('a', named('サーバー012'));
    expect(terminal.screen.shown()[0]).toBe('サーバー0…');
    expect(textWidth(terminal.screen.shown()[0]!)).toBeLessThanOrEqual(10);
  });
});

describe('apply at a terminal of 60 columns', () => {
  test('tells of every disk how far it is, whatever its name, and of all together', () => {
    const terminal = new Terminal(60);
    const time = new TestTime();
    const view = applyView(viewOptions(terminal, { now: time.now, monotonicMs: time.monotonicMs }));
    view.begun(samplePlan([entries.delta, entries.cutover]));
    const address = 'vm/サーバー-with-a-name-that-is-longer-than-any-window';
    for (const at of [0, 1]) {
      for (const one of [address, 'vm/erp-db01']) {
        time.pass(5);
        view.event({ type: 'progress', address: one, disk: diskKey(2000), bytesDone: at * GiB, bytesTotal: 10 * GiB });
      }
    }
    const lines = terminal.screen.shown();
    expect(lines).toEqual([
      'vm/サーバー-with-a-name-that…: 10%, 102.4 MiB/s, eta 1m 30s',
      expect.stringMatching(/^vm\/erp-db01\/disk\/2000: .*10%/),
      expect.stringMatching(/^Total: 10%, \d+\.\d MiB\/s, eta .*, 2\.0 GiB of at least .*…$/),
      '',
    ]);
    for (const line of lines) expect(textWidth(line)).toBeLessThan(60);
  });

  test('without a terminal, or on one that can only be written to, there are no control sequences', () => {
    const before = process.env['TERM'];
    onTestFinished(() => {
      process.env['TERM'] = before;
    });
    process.env['TERM'] = 'dumb';
    const streams = new RecordingStreams(true);
    const view = applyView(viewOptions(streams, { monotonicMs: () => 0 }));
    view.event({ type: 'progress', address: 'vm/a', disk: diskKey(2000), bytesDone: 1, bytesTotal: 2 });
    view.event({ type: 'note', address: 'vm/a', note: { kind: 'conversion-warning', said: 'plain' } });
    view.close();
    expect(streams.text).toBe('vm/a: plain\n');
  });
});

describe('all copies of a run together', () => {
  const keys = ['vm/erp-db01/disk/2000', 'vm/win-fs1/disk/2000'] as const;
  test('count what is done, what is under way and what the plan expects, each copy once', () => {
    const total = new TotalProgress(samplePlan([entries.delta, entries.cutover]), 0);
    const [first, second] = keys;
    total.update(first, { done: GiB, total: 2 * GiB }, 1000);
    expect(total.text()).toMatch(/^Total: \d+%, 1\.0 GiB of at least .* 0 of 3 copies done, 0 of 2 VMs done$/);
    total.finished(first, 2000);
    for (const pass of [1, 2]) {
      total.update(second, { done: 0, total: GiB }, 3000 * pass);
      total.finished(second, 4000 * pass);
    }
    expect(total.text()).toMatch(/^Total: 100%, .* 4\.0 GiB of 4\.0 GiB, 3 of 3 copies done, 0 of 2 VMs done$/);
    total.migrated();
    expect(total.endText(8000)).toBe('Total: 4.0 GiB of 4.0 GiB, 512.0 MiB/s on average, 3 of 3 copies done, 1 of 2 VMs done');
  });
  test('of a single one say nothing of their own', () => {
    expect(new TotalProgress(samplePlan([entries.delta]), 0).text()).toBeUndefined();
    expect(new TotalProgress(samplePlan([entries.delta]), 0).endText(1000)).toBeUndefined();
    expect(new TotalProgress(samplePlan([entries.delta, entries.cutover]), 0).endText(1000)).toBeUndefined();
  });
});

describe('widths of text', () => {
  test.each([
    ['abc', 3],
    ['サーバー', 8],
    ['e\u0301', 1],
    ['🚀', 2],
    ['❤️', 2],
    ['1️⃣', 2],
    ['', 0],
    ['שרת-01', 6],
    ['שָׁרָת', 3],
    ['خادم', 4],
    ['خَادِم', 4],
    ['ไม้', 2],
    ['한국'.normalize('NFD'), 4],
  ])('%j needs %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
    expect(textWidth(padded(text, 10))).toBe(10);
  });
  test.each([
    ['サーバー', 5, 'サー…'],
    ['サーバー', 8, 'サーバー'],
    ['abcdef', 4, 'abc…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
    ['ae\u0301b', 2, 'a…'],
  ])('%j in %i columns is %j', (text, width, cut) => {
    expect(cutTo(text, width)).toBe(cut);
  });
});
