import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { isFailed } from '../../src/engine/doctor/check-row.js';
import { type DoctorPhase, type PhaseCheck, phaseSummary, phases, weighedFor } from '../../src/engine/doctor/look-checks.js';

const missing: Diagnostic = { severity: 'error', code: 'MP8001', detail: 'nbdkit was not found' };
const lacking = (phase: DoctorPhase): PhaseCheck => ({
  phase,
  id: phase,
  check: { name: phase, found: '', diagnostics: [missing] },
});

test.each([
  ['plan', 'plan', true],
  ['plan', 'seed and sync', false],
  ['plan', 'cutover', false],
  ['seed and sync', 'plan', true],
  ['seed and sync', 'seed and sync', true],
  ['seed and sync', 'cutover', false],
  ['cutover', 'plan', true],
  ['cutover', 'seed and sync', true],
  ['cutover', 'cutover', true],
] as const)('asked for %s, what %s lacks is a failure: %s', (last, phase, fails) => {
  const check = weighedFor(last, lacking(phase));
  expect(isFailed(check)).toBe(fails);
  expect(check.diagnostics).toEqual([{ ...missing, severity: fails ? 'error' : 'warning' }]);
});

test('what the rows above have told is no failure either, and the sum says all the same which phases cannot be done', () => {
  const told: PhaseCheck = {
    phase: 'seed and sync',
    id: 'conversion-host',
    check: { name: 'h', found: '', diagnostics: [], isFailed: true },
  };
  expect(weighedFor('plan', told)).toEqual({ name: 'h', found: 'told above', diagnostics: [] });
  expect(phaseSummary('vc', [told]).found).toBe('plan: yes, seed and sync: no (conversion-host), cutover: no (conversion-host)');
  expect(phases.map((last) => isFailed(weighedFor(last, told)))).toEqual([false, true, true]);
});
