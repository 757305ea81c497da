import { describe, expect, test } from 'vitest';
import { hardwareTrials } from './hardware-trials.js';
import { manifestTrials } from './manifest-trials.js';
import { namesSomething } from './names.js';
import { nicTrials } from './nic-trials.js';
import { planTrials } from './plan-trials.js';
import { scanAdvice } from './scan.js';
import { targetTrials } from './target-trials.js';
import type { Trial } from './tried.js';
import { untried } from './untried.js';
import { valueTrials } from './value-trials.js';

const trials: readonly Trial[] = [
  ...planTrials,
  ...nicTrials,
  ...hardwareTrials,
  ...targetTrials,
  ...manifestTrials,
  ...valueTrials,
];
const SCAN_MS_MAX = 120_000;

/** The table lists what is tried; the scan says what there is. */
describe('no advice that was not tried', () => {
  test('every next step that names a command or a field has a trial, and every trial a next step', {
    timeout: SCAN_MS_MAX,
  }, () => {
    const found = scanAdvice(process.cwd());
    const listed = new Set([...trials.map(({ advice }) => advice), ...Object.keys(untried)]);
    const named = found.filter(({ text }) => namesSomething(text));
    expect(
      named.filter(({ text }) => !listed.has(text)).map(({ text, at }) => `${at} ${text}`),
      'without a trial',
    ).toEqual([]);
    const texts = new Set(found.map(({ text }) => text));
    expect(
      [...listed].filter((text) => !texts.has(text)),
      'no such next step',
    ).toEqual([]);
    // Far fewer would mean that the scan has lost its way.
    expect(found.length).toBeGreaterThan(200);
  });

  test('nothing stands as untried that is tried', () => {
    expect(trials.map(({ advice }) => advice).filter((advice) => advice in untried)).toEqual([]);
  });
});

describe('what it says leads out', () => {
  test.each(trials.map((trial, index) => ({ ...trial, index })))('$index $advice', ({ run }) => run());
});
