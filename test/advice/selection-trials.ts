import { expect } from 'vitest';
import { selectionOf, selectMigrations } from '../../src/manifest/migration/select-migrations.js';
import { loadFiles, migrationText, projectText } from '../manifest/in-folder.js';
import { stepOf, type Trial } from './tried.js';

/** One manifest whose metadata are given, and what is asked of its labels; then what the advice makes of both. */
interface SelectionTrial {
  readonly advice: string;
  readonly bad: readonly [metadata: string, selector: string];
  readonly good: readonly [metadata: string, selector: string];
}

async function select([metadata, selector]: SelectionTrial['bad']) {
  const text = migrationText('web01').replace('{name: web01}', metadata);
  const { migrations, diagnostics } = await loadFiles({ 'migplan.yaml': projectText(), 'manifests/vm.yaml': text });
  expect(diagnostics).toEqual([]);
  return selectMigrations(migrations, selectionOf({ selector: [selector] }));
}

const selectionTrial = ({ advice, bad, good }: SelectionTrial): Trial => ({
  advice,
  run: async () => {
    stepOf(
      (await select(bad)).diagnostics.flatMap(({ nextSteps = [] }) => nextSteps),
      advice,
    );
    expect((await select(good)).selected.map(({ name }) => name)).toEqual(['web01']);
  },
});

export const selectionTrials: readonly Trial[] = [
  selectionTrial({
    advice: "write conditions on labels as kubectl takes them: --selector 'wave=10,app in (erp,crm),!hold'",
    bad: ['{name: web01, labels: {wave: "10", app: erp}}', 'wave=10 app=erp'],
    good: ['{name: web01, labels: {wave: "10", app: erp}}', 'wave=10,app in (erp,crm),!hold'],
  }),
  selectionTrial({
    advice: 'no manifest has labels: give them in metadata.labels',
    bad: ['{name: web01}', 'wave=10'],
    good: ['{name: web01, labels: {wave: "10"}}', 'wave=10'],
  }),
];
