import { describe, expect, test } from 'vitest';
import { deltaHistories } from '../../src/engine/report/delta-history.js';
import { emptyLedger, type LedgerEntries, StoredLedger } from '../../src/state/vm-ledger.js';

const of = (entries: Partial<LedgerEntries>) =>
  deltaHistories({ ledgerEntries: async () => ({ ...emptyLedger, ...entries }) }, ['erp']);

describe('what a ledger knows of deltas', () => {
  test('is told with the times at which they ended, oldest first', async () => {
    const stored = new StoredLedger(emptyLedger, async () => {});
    const at = (time: string) => new Date(`2026-06-01T${time}:00Z`);
    await stored.synced(2000, { bytes: 100, seconds: 9, at: at('10:00'), isDelta: false });
    await stored.synced(2000, { bytes: 10, seconds: 2, at: at('11:00'), isDelta: true });
    await stored.synced(2001, { bytes: 1, seconds: 1, at: at('11:00'), isDelta: false });
    await stored.synced(2000, { bytes: 20, seconds: 3, at: at('13:30'), isDelta: true });
    expect(await of(stored.read())).toEqual([
      {
        vm: 'erp',
        disk: 2000,
        deltas: [
          { at: '2026-06-01T11:00:00.000Z', bytes: 10, seconds: 2 },
          { at: '2026-06-01T13:30:00.000Z', bytes: 20, seconds: 3 },
        ],
      },
    ]);
  });
  test.each([
    ['no state', {}],
    ['no time of the last sync', { history: { '2000': [{ bytes: 1, seconds: 1, intervalSeconds: 1 }] } }],
    [
      'a time that is none',
      { history: { '2000': [{ bytes: 1, seconds: 1, intervalSeconds: 1 }] }, lastSync: { '2000': 'soon' } },
    ],
    ['no deltas', { history: { '2000': [] }, lastSync: { '2000': '2026-06-01T11:00:00Z' } }],
  ])('%s is no history', async (_, entries) => {
    expect(await of(entries)).toEqual([]);
  });
});
