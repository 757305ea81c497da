import { describe, expect, test } from 'vitest';
import { selectionOf, selectMigrations } from '../../src/manifest/migration/select-migrations.js';
import type { Phase } from '../../src/model/desired.js';
import { named } from '../plan/sample-plan.js';

const all = (['seed', 'sync', 'sync', 'cutover'] as Phase[]).map((phase, index) =>
  named(['web', 'erp-1', 'erp-2', 'erp-3'][index]!, { phase }),
);

describe('what a plan is made of', () => {
  test.each<[string, Parameters<typeof selectionOf>[0], readonly string[]]>([
    ['everything', {}, ['web', 'erp-1', 'erp-2', 'erp-3']],
    ['what is named', { target: ['vm/erp-*'] }, ['erp-1', 'erp-2', 'erp-3']],
    ['all but what is excluded', { exclude: ['erp-3', 'vm/web'] }, ['erp-1', 'erp-2']],
    ['what is named and not excluded', { target: ['vm/erp-*'], exclude: ['vm/erp-1'] }, ['erp-2', 'erp-3']],
    ['a phase', { phase: ['sync'] }, ['erp-1', 'erp-2']],
    ['phases of what is named', { phase: ['sync', 'cutover'], target: ['*-3', 'web'] }, ['erp-3']],
    ['nothing', { exclude: ['*'] }, []],
  ])('%s', (_name, selecting, expected) => {
    const { selected, diagnostics } = selectMigrations(all, selectionOf(selecting));
    expect(selected.map(({ name }) => name)).toEqual(expected);
    expect(diagnostics).toEqual([]);
  });
  test('a pattern that matches nothing is an error that names its option', () => {
    const { diagnostics } = selectMigrations(all, selectionOf({ target: ['nobody'], exclude: ['vm/none'] }));
    expect(diagnostics.map(({ detail }) => detail)).toEqual([
      '--target nobody matches no migration',
      '--exclude vm/none matches no migration',
    ]);
  });
});
