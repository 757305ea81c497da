import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { MigrationOutcome } from '../../src/apply/migration-outcome.js';
import { type MigrationResult, migrationResults } from '../../src/apply/migration-result.js';
import type { DiagnosticCode } from '../../src/diag/catalog.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { type EndedApply, eventsOf } from '../../src/engine/notify/events-of.js';
import { notificationText } from '../../src/engine/notify/notification.js';
import { Secret } from '../../src/host/secret.js';
import { notifyEvents } from '../../src/model/notify-events.js';

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/notification.schema.json'), 'utf8')) as {
  readonly properties: { readonly event: { readonly enum: readonly string[] } };
  readonly definitions: { readonly result: { readonly enum: readonly string[] } };
};
const validate = new Ajv({ strict: true, formats: { 'date-time': true } }).compile(schema);

const error = (code: DiagnosticCode, detail = 'why'): Diagnostic => ({ severity: 'error', code, detail });
const outcome = (result: MigrationResult, index = 0): MigrationOutcome => ({
  address: `vm/vm${index}`,
  result,
  diagnostics: result === 'failed' ? [error('MP6001')] : [],
});
const nothing: EndedApply = { exit: 0, outcomes: [], diagnostics: [], bytes: 0, seconds: 1.23456 };

interface Row {
  readonly name: string;
  readonly ended: Partial<EndedApply>;
  readonly expected: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'all was done', ended: { run: 'r', outcomes: [outcome('done')] }, expected: ['finished'] },
  { name: 'nothing was to be done', ended: {}, expected: ['unchanged'] },
  { name: 'the plan is applied already', ended: { plan: { id: 'p', digest: 'd' } }, expected: ['unchanged'] },
  { name: 'one failed', ended: { exit: 6, run: 'r', outcomes: [outcome('done'), outcome('failed')] }, expected: ['failed'] },
  { name: 'one is locked', ended: { exit: 5, outcomes: [outcome('locked')] }, expected: ['failed'] },
  { name: 'one is blocked', ended: { exit: 6, outcomes: [outcome('blocked')] }, expected: ['failed'] },
  {
    name: 'the rest waits for an approval',
    ended: { exit: 6, run: 'r', outcomes: [outcome('done'), outcome('not-approved')] },
    expected: ['needs-approval'],
  },
  {
    name: 'one failed, and one waits',
    ended: { exit: 6, run: 'r', outcomes: [outcome('failed'), outcome('not-approved')] },
    expected: ['failed', 'needs-approval'],
  },
  { name: 'a saved cutover is not approved', ended: { exit: 4, diagnostics: [error('MP3008')] }, expected: ['needs-approval'] },
  { name: 'an approval is missing', ended: { exit: 4, diagnostics: [error('MP3023')] }, expected: ['needs-approval'] },
  { name: 'nobody can be asked', ended: { exit: 1, diagnostics: [error('MP3010')] }, expected: ['needs-approval'] },
  { name: 'somebody said no', ended: { exit: 1, diagnostics: [error('MP3012')] }, expected: [] },
  { name: 'the plan is stale', ended: { exit: 4, diagnostics: [error('MP3003')] }, expected: ['failed'] },
  { name: 'it could not begin', ended: { exit: 1, diagnostics: [error('MP5001')] }, expected: ['failed'] },
  { name: 'Ctrl-C', ended: { exit: 130, run: 'r', outcomes: [outcome('interrupted')] }, expected: ['failed'] },
  {
    name: 'Ctrl-C, and what is left waits',
    ended: { exit: 130, run: 'r', outcomes: [outcome('done'), outcome('not-approved')] },
    expected: ['failed', 'needs-approval'],
  },
];

test.each(rows)('$name', ({ ended, expected }) => expect(eventsOf({ ...nothing, ...ended })).toEqual(expected));

describe('the notification', () => {
  const context = { id: 'i', at: new Date('2026-06-01T12:00:00Z'), project: 'acme', migplan: '1.2.3', by: 'me@here' };
  const read = (event: 'finished' | 'failed', ended: Partial<EndedApply>, more = {}): Record<string, unknown> => {
    const told = JSON.parse(notificationText(event, { ...nothing, ...ended }, { ...context, ...more })) as Record<
      string,
      unknown
    >;
    validate(told);
    expect(validate.errors ?? []).toEqual([]);
    return told;
  };

  test('is as its schema says, and the schema knows all events and results', () => {
    expect(schema.properties.event.enum).toEqual(notifyEvents);
    expect(schema.definitions.result.enum).toEqual(migrationResults);
    const outcomes = migrationResults.map(outcome);
    const told = read('failed', { exit: 6, run: 'r', plan: { id: 'p', digest: 'd' }, outcomes }, { environment: 'prod' });
    expect(told).toMatchObject({ event: 'failed', exit_code: 6, seconds: 1.235, environment: 'prod', run: 'r' });
    expect(told['text']).toMatch(
      /^migplan acme \(prod\): apply did not do all of it: 1 done, 1 failed, .*1 not approved\. Exit code 6\.$/,
    );
    read('finished', {});
  });

  test('counts all, and shows first what is not done', () => {
    const outcomes = Array.from({ length: 150 }, (_, index) => outcome(index < 149 ? 'done' : 'failed', index));
    const told = read('failed', { exit: 6, outcomes }) as { migrations: { result: string }[] };
    expect(told).toMatchObject({ results: { done: 149, failed: 1 }, migrations_left_out: 50 });
    expect([told.migrations.length, told.migrations[0]!.result]).toEqual([100, 'failed']);
  });

  test('has no secret in it, although a remote said one', () => {
    void new Secret('correct horse "battery"');
    const said = error('MP4002', 'POST /auth: {"password": "correct horse \\"battery\\""} or correct horse "battery"');
    const text = JSON.stringify(
      read('failed', { exit: 1, diagnostics: [said], outcomes: [{ ...outcome('failed'), diagnostics: [said] }] }),
    );
    expect(text).toContain('***');
    expect(text).not.toContain('horse');
  });
});
