import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startTracing } from '../../src/cli/tracing.js';
import type { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { Secret } from '../../src/host/secret.js';
import { endTrace, isTraced, trace } from '../../src/host/trace.js';
import { tempFolder } from '../state/in-temp.js';

afterEach(endTrace);

async function traced(wanted: string | undefined, verbose = false) {
  const folder = await tempFolder();
  const told: string[] = [];
  const tracing = startTracing({ wanted, verbose, folder, err: (text) => told.push(text) });
  return { folder, told, tracing };
}

describe('what is traced', () => {
  test.each<[string | undefined, boolean, string[]]>([
    [undefined, false, []],
    ['', false, []],
    ['warn', false, ['warn']],
    ['info', false, ['warn', 'info']],
    ['debug', false, ['warn', 'info', 'debug']],
    [undefined, true, ['warn', 'info', 'debug']],
    ['warn', true, ['warn', 'info', 'debug']],
  ])('MIGPLAN_LOG=%s, --verbose %s: %j', async (wanted, verbose, levels) => {
    const { told, tracing } = await traced(wanted, verbose);
    for (const level of ['warn', 'info', 'debug'] as const) trace(level, 'test', () => `a ${level}`);
    expect(told.map((line) => /^\S+Z (\w+) test: a \w+\n$/.exec(line)?.[1])).toEqual(levels);
    expect(tracing.isOnStderr).toBe(levels.length > 0);
  });

  test('no text is made for nobody', () => {
    expect(isTraced('warn')).toBe(false);
    trace('warn', 'test', () => expect.unreachable('it was made'));
  });

  test('into a file that nobody else may read, relative to the folder, and added to the next time', async () => {
    const { folder, told, tracing } = await traced('debug:logs/my.log');
    expect(tracing.isOnStderr).toBe(false);
    trace('debug', 'http', () => 'one');
    await tracing.end();
    trace('debug', 'http', () => 'after the end');
    const again = startTracing({
      wanted: `info:${join(folder, 'logs/my.log')}`,
      verbose: false,
      folder: '/',
      err: () => undefined,
    });
    trace('info', 'http', () => 'two');
    await again.end();
    const text = await readFile(join(folder, 'logs/my.log'), 'utf8');
    expect(text.split('\n').map((line) => line.split(': ')[1])).toEqual(['one', 'two', undefined]);
    expect((await stat(join(folder, 'logs/my.log'))).mode & 0o777).toBe(0o600);
    expect(told).toEqual([]);
  });

  test('a file that cannot be written is told once, and ends nothing', async () => {
    const { told, tracing } = await traced('debug:/proc/nowhere/my.log');
    for (let i = 0; i < 3; i++) {
      trace('debug', 'http', () => 'one');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await tracing.end();
    expect(told).toEqual([
      expect.stringMatching(/^Warning: what MIGPLAN_LOG asks for cannot be written, and the command goes on: E/),
    ]);
  });

  test('no secret, no line of its own, no control sequence', async () => {
    const { told } = await traced('debug');
    const secret = new Secret('sup3r-s3cret/');
    trace('info', 'program', () => `p --x=${secret.reveal()} ${encodeURIComponent(secret.reveal())}\nforged \u001b[2J`);
    expect(told).toHaveLength(1);
    expect(told[0]).not.toContain('s3cret');
    for (const control of ['\n', '\u001b']) expect(told[0]!.trimEnd()).not.toContain(control);
  });

  test.each(['verbose', 'debug:', ':file', '1', 'DEBUG'])('MP8010: MIGPLAN_LOG=%s', async (wanted) => {
    const error: unknown = await traced(wanted).catch((thrown: unknown) => thrown);
    expect((error as DiagnosticsError).diagnostics).toMatchObject([{ code: 'MP8010', detail: `MIGPLAN_LOG is "${wanted}"` }]);
    expect(isTraced('warn')).toBe(false);
  });
});
