import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabProject } from './lab-project.js';
import { processesWith } from './processes.js';

/** What runs of a project left on this machine, one line each: processes, sockets, locks. Empty is what it should be. */
export async function leftHere(project: LabProject): Promise<string[]> {
  const processes = await processesWith(project.marker);
  const runFolders = await entries(project.runtimeFolder);
  const locks = (await entries(join(project.folder, '.migplan/vms'))).filter((name) => name.includes('.lock'));
  return [
    ...processes.map(({ pid, command }) => `process ${pid} ${command}`),
    ...runFolders.map((name) => `run folder ${name}`),
    ...locks.map((name) => `lock ${name}`),
  ];
}

const entries = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
