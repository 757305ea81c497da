import { beforeAll, describe, expect, test } from 'vitest';
import { anewTrials } from './anew-trials.js';
import { applyTrials } from './apply-trials.js';
import { bundleTrials } from './bundle-trials.js';
import { cliAdvice, hostAdvice, reportAdvice, stateAdvice } from './cli-advice.js';
import { clientTrials } from './client-trials.js';
import { cloudFileTrials } from './cloud-file-trials.js';
import { conversionHostTrials } from './conversion-host-trials.js';
import { conversionTrials } from './conversion-trials.js';
import { debianAdvice } from './debian-advice.js';
import { deviceTrials } from './device-trials.js';
import { driftTrials } from './drift-trials.js';
import { environmentTrials } from './environment-trials.js';
import { fileTrials } from './file-trials.js';
import { guestTrials } from './guest-trials.js';
import { hardwareTrials } from './hardware-trials.js';
import { manifestTrials } from './manifest-trials.js';
import { parseAdvised, unknownOptions } from './migplan-commands.js';
import { namesSomething } from './names.js';
import { nicTrials } from './nic-trials.js';
import { notHere } from './not-here.js';
import { notifyTrials } from './notify-trials.js';
import { planTrials } from './plan-trials.js';
import { privilegeTrials } from './privilege-trials.js';
import { providerTrials } from './provider-trials.js';
import { proxyTrials } from './proxy-trials.js';
import { readerTrials } from './reader-trials.js';
import { runsTrials } from './runs-trials.js';
import { type Advice, scanAdvice } from './scan.js';
import { secretTrials } from './secret-trials.js';
import { selectionTrials } from './selection-trials.js';
import { serverPortTrials } from './server-port-trials.js';
import { simCloudTrials } from './sim-cloud-trials.js';
import { sshTrials } from './ssh-trials.js';
import { stateServerTrials } from './state-server-trials.js';
import { targetTrials } from './target-trials.js';
import { togetherTrials } from './together-trials.js';
import { traceTrials } from './trace-trials.js';
import type { Trial } from './tried.js';
import { trustAdvice } from './trust-advice.js';
import { valueTrials } from './value-trials.js';
import { vddkTrials } from './vddk-trials.js';

const trials: readonly Trial[] = [
  ...planTrials,
  ...serverPortTrials,
  ...nicTrials,
  ...hardwareTrials,
  ...targetTrials,
  ...driftTrials,
  ...manifestTrials,
  ...valueTrials,
  ...applyTrials,
  ...anewTrials,
  ...providerTrials,
  ...privilegeTrials,
  ...proxyTrials,
  ...readerTrials,
  ...togetherTrials,
  ...secretTrials,
  ...cloudFileTrials,
  ...conversionHostTrials,
  ...fileTrials,
  ...guestTrials,
  ...conversionTrials,
  ...simCloudTrials,
  ...selectionTrials,
  ...environmentTrials,
  ...vddkTrials,
  ...runsTrials,
  ...traceTrials,
  ...notifyTrials,
  ...bundleTrials,
  ...stateServerTrials,
];
/** What needs programs is run by the tests of that kind; here it counts. */
const elsewhere = [
  ...clientTrials,
  ...debianAdvice,
  ...sshTrials,
  ...deviceTrials,
  ...[...cliAdvice, ...stateAdvice, ...trustAdvice, hostAdvice, reportAdvice].map((advice) => ({ advice })),
];
const SCAN_MS_MAX = 120_000;

/** The table lists what is tried; the scan says what there is. */
describe('no advice that was not tried', () => {
  let found: readonly Advice[];
  beforeAll(() => {
    found = scanAdvice(process.cwd());
  }, SCAN_MS_MAX);

  test('every next step that names a command or a field has a trial, and every trial a next step', {
    timeout: SCAN_MS_MAX,
  }, () => {
    const listed = new Set([...[...trials, ...elsewhere].map(({ advice }) => advice), ...Object.keys(notHere)]);
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

  test('every command and option of migplan is parsed as the command line does', async () => {
    let commands = 0;
    for (const { text } of found) {
      commands += await parseAdvised(text);
      expect(await unknownOptions(text), text).toEqual([]);
    }
    expect(commands).toBeGreaterThan(10);
  });

  test('nothing stands as not tried that is', () => {
    expect([...trials, ...elsewhere].map(({ advice }) => advice).filter((advice) => advice in notHere)).toEqual([]);
  });
});

describe('what it says leads out', () => {
  test.each(trials.map((trial, index) => ({ ...trial, index })))('$index $advice', ({ run }) => run());
});
