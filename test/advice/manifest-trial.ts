import { expect } from 'vitest';
import { loadFiles, migrationText, projectText } from '../manifest/in-folder.js';
import { isInstance, type Trial } from './tried.js';

type Files = Readonly<Record<string, string | Uint8Array>>;

export interface ManifestTrial {
  readonly advice: string;
  readonly bad: Files;
  /** What the advice makes of it. */
  readonly good: Files;
}

const manifest = 'manifests/vm.yaml';

const usual = (files: Files): Files => ({ 'migplan.yaml': projectText(), [manifest]: migrationText('web01'), ...files });

/** What a step says to write, word for word: the first of its examples. */
function words(step: string): string | undefined {
  const [, line] = /(?:^|\? )Write(?: for example)?:? ([\w-]+: .+)$/.exec(step) ?? [];
  if (line !== undefined) return line.replace(/( or |, and remove |, \w+: | \().*$/, '');
  return /^Did you mean ([^?]+)\?$/.exec(step)?.[1];
}

const textOf = (files: Files): string => Object.values(files).map(String).join('\n');

/** As files: right ones stand beside what is given. */
export const filesTrial = ({ advice, bad, good }: ManifestTrial): Trial => ({
  advice,
  run: async () => {
    const before = await loadFiles(usual(bad));
    const steps = before.diagnostics.flatMap(({ nextSteps = [] }) => nextSteps);
    const given = steps.filter((step) => isInstance(step, advice));
    expect(given, steps.join('\n')).not.toEqual([]);
    const said = words(given[0]!);
    if (said !== undefined && said !== 'name: value') expect(textOf(good), given[0]).toContain(said);
    const { diagnostics, project } = await loadFiles(usual(good));
    expect(diagnostics.map(({ detail }) => detail)).toEqual([]);
    expect(project).toBeDefined();
  },
});

/** Lines of spec of one manifest. */
export const specTrial = (advice: string, bad: string, good: string): Trial =>
  filesTrial({ advice, bad: { [manifest]: migrationText('web01', bad) }, good: { [manifest]: migrationText('web01', good) } });

/** Lines of spec of the Project. */
export const projectTrial = (advice: string, bad: string, good: string): Trial =>
  filesTrial({ advice, bad: { 'migplan.yaml': projectText(bad) }, good: { 'migplan.yaml': projectText(good) } });

/** The whole text of a manifest, changed. */
export const textTrial = (advice: string, change: (text: string) => string, mend: (text: string) => string): Trial =>
  filesTrial({
    advice,
    bad: { [manifest]: change(migrationText('web01')) },
    good: { [manifest]: mend(migrationText('web01')) },
  });

export const providerTrial = (advice: string, bad: string, good: string): Trial => {
  const withCloud = (provider: string): Files => ({
    'migplan.yaml': projectText().replace(/^ {4}cloud: .*$/m, `    cloud: ${provider}`),
  });
  return filesTrial({ advice, bad: withCloud(bad), good: withCloud(good) });
};
