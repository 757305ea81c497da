import { describe, expect, test } from 'vitest';
import { selectionOf, selectMigrations } from '../../src/manifest/migration/select-migrations.js';
import type { Phase } from '../../src/model/desired.js';
import { named } from '../plan/sample-plan.js';

const labelled: readonly (readonly [string, Phase, Record<string, string>])[] = [
  ['web', 'seed', { wave: '10', app: 'shop' }],
  ['erp-1', 'sync', { wave: '10', app: 'erp' }],
  ['erp-2', 'sync', { wave: '20', app: 'erp', hold: '' }],
  ['erp-3', 'cutover', {}],
];
const all = labelled.map(([name, phase, labels]) => named(name, { phase, labels }));

describe('what a plan is made of', () => {
  test.each<[string, Parameters<typeof selectionOf>[0], readonly string[]]>([
    ['everything', {}, ['web', 'erp-1', 'erp-2', 'erp-3']],
    ['what is named', { target: ['vm/erp-*'] }, ['erp-1', 'erp-2', 'erp-3']],
    ['all but what is excluded', { exclude: ['erp-3', 'vm/web'] }, ['erp-1', 'erp-2']],
    ['what is named and not excluded', { target: ['vm/erp-*'], exclude: ['vm/erp-1'] }, ['erp-2', 'erp-3']],
    ['a phase', { phase: ['sync'] }, ['erp-1', 'erp-2']],
    ['phases of what is named', { phase: ['sync', 'cutover'], target: ['*-3', 'web'] }, ['erp-3']],
    ['nothing', { exclude: ['*'] }, []],
    ['labels', { selector: ['wave=10'] }, ['web', 'erp-1']],
    ['labels, one of two selectors', { selector: ['wave=10,app=erp', 'wave=20'] }, ['erp-1', 'erp-2']],
    ['what has no such label is unlike it', { selector: ['wave!=10'] }, ['erp-2', 'erp-3']],
    [
      'labels of what is named, of a phase, and not excluded',
      { selector: ['wave'], target: ['erp-*'], phase: ['sync'], exclude: ['erp-2'] },
      ['erp-1'],
    ],
    ['labels and a phase that none of them is in', { selector: ['wave=10'], phase: ['cutover'] }, []],
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
  test('a selector that selects nothing is an error that names the labels there are, the most common first', () => {
    const { selected, diagnostics } = selectMigrations(all, selectionOf({ selector: ['wave=30', 'wave=10'] }));
    expect(selected.map(({ name }) => name)).toEqual(['web', 'erp-1']);
    expect(diagnostics).toMatchObject([
      {
        code: 'MP1016',
        detail: '--selector wave=30 matches no migration',
        nextSteps: ['labels that manifests have: app=erp (2), wave=10 (2), app=shop (1), hold= (1), wave=20 (1)'],
      },
    ]);
  });
  test('a list of labels that would be endless ends', () => {
    const many = Array.from({ length: 30 }, (_, index) => named(`vm${index}`, { labels: { n: `${index}` } }));
    expect(selectMigrations(many, ['label:x']).diagnostics[0]?.nextSteps?.[0]).toMatch(/, and 10 more$/);
  });
  test.each(['', ' ', 'wave in 10'])('a selector that cannot be read selects nothing, never all: "%s"', (text) => {
    const { selected, diagnostics } = selectMigrations(all, selectionOf({ selector: [text] }));
    expect(selected).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'MP1040' }]);
  });
  test('a plan keeps what was asked so that the same is selected again', () => {
    const kept = selectionOf({ selector: [' wave in (10, 20) '], phase: ['sync'] });
    expect(kept).toEqual(['phase=sync', 'label:wave in (10, 20)']);
    expect(selectMigrations(all, JSON.parse(JSON.stringify(kept))).selected.map(({ name }) => name)).toEqual(['erp-1', 'erp-2']);
  });
});
