import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalBackend } from '../../../src/state/backend/local-backend.js';
import type { LockHolder } from '../../../src/state/lock.js';
import { tempFolder } from '../in-temp.js';
import { backendConformance } from './conformance.js';

backendConformance('a folder', async () => {
  const root = join(await tempFolder(), '.migplan');
  return {
    beforeRestart: 'taken',
    open: async () => new LocalBackend(root),
    rewriteHolder: async (name, edit) => {
      const { place } = new LocalBackend(root).lock(name);
      await writeFile(place, JSON.stringify(edit(JSON.parse(await readFile(place, 'utf8')) as LockHolder)));
    },
    damageFormer: async (name) => {
      const { place } = new LocalBackend(root).lock(name);
      const path = `${place}.former`;
      await writeFile(path, (await readFile(path, 'utf8')).slice(0, 20));
    },
  };
});
