import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NAME_LENGTH_MIN } from '../../../src/model/state-address.js';
import { spelled } from '../../../src/state/backend/http-names.js';
import { documentKinds } from '../../../src/state/backend/state-backend.js';

const NAME_LENGTH_MAX = 255;
const anyName = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({
    unit: fc.constantFrom('_', '-', '5', 'f', 'u', 'a', 'A', '.', '/', '%', 'ä', '\ud800', '\udfff'),
    minLength: 1,
    maxLength: 6,
  }),
  fc.string({ unit: fc.constantFrom('a', '_', 'ä'), minLength: 200, maxLength: 400 }),
);
const anyProject = fc.oneof(
  fc.constantFrom('a', 'a.b', 'a__vm-b', 'a_2eb'),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/),
);
const anyState = fc.record({ project: anyProject, kind: fc.constantFrom(...documentKinds), of: anyName });

test('each state has a name of its own, in signs that every server takes', () => {
  fc.assert(
    fc.property(anyState, anyState, fc.constantFrom(NAME_LENGTH_MAX, 247, NAME_LENGTH_MIN), (one, other, lengthMax) => {
      const name = spelled(one.project, one, lengthMax);
      expect(name).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(name.length).toBeLessThanOrEqual(lengthMax);
      expect(name === spelled(other.project, other, lengthMax)).toBe(
        one.project === other.project && one.kind === other.kind && one.of === other.of,
      );
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['web01', 'acme__vm-web01'],
  ['web_5f', 'acme__vm-web_5f5f'],
  ['web_', 'acme__vm-web_5f'],
  ['a.b', 'acme__vm-a_2eb'],
  ['\u0100', 'acme__vm-_u0100'],
  ['\u00010', 'acme__vm-_010'],
])('%j is %s', (of, expected) => expect(spelled('acme', { kind: 'vms', of }, NAME_LENGTH_MAX)).toBe(expected));

test('no state of one project is that of another, however they are called', () => {
  expect(spelled('a', { kind: 'vms', of: 'b__project' }, NAME_LENGTH_MAX)).not.toBe(
    spelled('a__vm-b', { kind: 'project', of: '' }, NAME_LENGTH_MAX),
  );
  expect(spelled('a.b', { kind: 'project', of: '' }, NAME_LENGTH_MAX)).toBe('a_2eb__project');
});

test('a name of no VM is that of the project or the index', () => {
  for (const kind of ['project', 'index'] as const)
    expect(spelled('acme', { kind: 'vms', of: kind }, NAME_LENGTH_MAX)).not.toBe(
      spelled('acme', { kind, of: '' }, NAME_LENGTH_MAX),
    );
});

test('long names that begin alike differ', () => {
  const long = (end: string) => spelled('acme', { kind: 'vms', of: `${'a'.repeat(300)}${end}` }, NAME_LENGTH_MAX);
  expect(long('b')).not.toBe(long('c'));
  expect(long('b')).toHaveLength(NAME_LENGTH_MAX);
});
