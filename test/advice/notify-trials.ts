import { expect } from 'vitest';
import { loadFiles, projectText } from '../manifest/in-folder.js';
import { stepOf, type Trial } from './tried.js';

const load = (notify: string) => loadFiles({ 'migplan.yaml': projectText(`  notify: ${notify}\n`) });
const stepsOf = ({ diagnostics }: Awaited<ReturnType<typeof load>>): string[] =>
  diagnostics.flatMap(({ nextSteps = [] }) => [...nextSteps]);

const somebody = 'Add webhook: {url: "env:MIGPLAN_WEBHOOK"}, or command: [./tell]';
const timeout = 'Add the command, or remove commandTimeout';

export const notifyTrials: readonly Trial[] = [
  {
    advice: somebody,
    run: async () => {
      const step = stepOf(stepsOf(await load('{on: [failed]}')), somebody);
      for (const field of step.replace('Add ', '').split(', or '))
        expect((await load(`{on: [failed], ${field}}`)).project?.notify).toMatchObject({ on: ['failed'] });
    },
  },
  {
    advice: timeout,
    run: async () => {
      const url = 'webhook: {url: "env:HOOK"}';
      stepOf(stepsOf(await load(`{${url}, commandTimeout: 5s}`)), timeout);
      expect((await load(`{${url}}`)).project?.notify).toBeDefined();
      expect((await load(`{${url}, command: [./tell], commandTimeout: 5s}`)).project?.notify?.command?.timeoutMs).toBe(5000);
    },
  },
];
