import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabProject } from './lab-project.js';
import { NewPrograms } from './processes.js';

const EVERY_MS = 3;

export interface SecretWatch {
  /** Ends the watch. What was seen of the secrets, each place once, and how many different programs were looked at. */
  end(): Promise<{ readonly seen: readonly string[]; readonly commands: ReadonlySet<string> }>;
}

/** Looks at the arguments of every process of a project, and at the environment of all but migplan itself, all the time. */
export function watchForSecrets(project: LabProject, secrets: readonly string[]): SecretWatch {
  const seen = new Set<string>();
  const commands = new Set<string>();
  const programs = new NewPrograms();
  let isOver = false;
  const holds = (text: string): boolean => secrets.some((secret) => text.includes(secret));
  const watching = (async () => {
    while (!isOver) {
      for (const { command, environment } of programs.look()) {
        if (command.trim() === '' || !environment.includes(project.marker)) continue;
        const program = command.split(' ').slice(0, 2).join(' ');
        commands.add(program);
        if (holds(command)) seen.add(`arguments of ${program}`);
        if (command.includes('bin/run.js')) continue;
        for (const variable of environment) if (holds(variable)) seen.add(`${variable.split('=')[0]} of ${program}`);
      }
      await sleep(EVERY_MS);
    }
  })();
  return {
    async end() {
      isOver = true;
      await watching;
      return { seen: [...seen].sort(), commands };
    },
  };
}

/** Files below a folder that hold one of the secrets. */
export async function filesWith(folder: string, secrets: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, 'utf8');
    if (secrets.some((secret) => text.includes(secret))) found.push(path.slice(folder.length + 1));
  }
  return found.sort();
}
