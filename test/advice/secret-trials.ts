import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parseSecretRef, resolveSecret, type SecretRef } from '../../src/manifest/project/secret-ref.js';
import { inFolder } from '../manifest/in-folder.js';
import { isInstance, type Trial } from './tried.js';

const start = { line: 1, column: 1, offset: 0 };
const referenceTo = (text: string): SecretRef =>
  parseSecretRef(text, { source: { file: 'migplan.yaml', start, end: start }, toAbsolute: (path) => path })!;

/** The commands of the advice, as a shell runs them in front of the next try; it prints what is set then. */
const shell = (command: string): string => execFileSync('sh', ['-ec', command], { encoding: 'utf8' });

async function adviceOf(reference: string, advice: string): Promise<string> {
  const found = await resolveSecret(referenceTo(reference), {});
  const steps = 'diagnostic' in found ? (found.diagnostic.nextSteps ?? []) : [];
  const step = steps.find((one) => isInstance(one, advice));
  expect(step, steps.join('\n')).toBeDefined();
  return step!;
}

const inSecretFile = (advice: string, mode: string, run: (path: string, step: string) => void): Trial => ({
  advice,
  run: () =>
    inFolder({ other: 'x' }, async (folder) => {
      const path = join(folder, 'secret');
      if (mode !== '') shell(`printf 'word' > ${path}; chmod ${mode} ${path}`);
      run(path, await adviceOf(`file:${path}`, advice));
      expect(await resolveSecret(referenceTo(`file:${path}`), {})).toEqual({ text: 'word' });
    }),
});

const commandIn = (step: string): string => step.slice(step.toLowerCase().indexOf('run: ') + 'run: '.length);

export const secretTrials: readonly Trial[] = [
  inSecretFile('Run: chmod 600 <…>', '644', (_path, step) => shell(commandIn(step))),
  inSecretFile('Create it with the secret in it, and run: chmod 600 FILE', '', (path, step) =>
    shell(`printf 'word' > ${path}; ${commandIn(step).replace('FILE', path)}`),
  ),
  {
    advice: 'Set it before running: export <…>=...',
    run: async () => {
      const step = await adviceOf('env:VC_PASSWORD', 'Set it before running: export <…>=...');
      const line = step.slice(step.indexOf('export ')).replace('...', 'word');
      const text = shell(`${line}; printf %s "$VC_PASSWORD"`);
      expect(await resolveSecret(referenceTo('env:VC_PASSWORD'), { VC_PASSWORD: text })).toEqual({ text: 'word' });
    },
  },
];
