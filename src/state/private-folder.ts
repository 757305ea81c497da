import { chmod, stat } from 'node:fs/promises';
import { makeFolders } from '../host/make-folders.js';

const OTHERS = 0o077;

/** Makes the folder, or makes one of this user private that a umask left open: names of VMs and errors of clouds are in it. */
export async function privateFolder(path: string): Promise<void> {
  await makeFolders(path, 0o700);
  const { mode, uid } = await stat(path);
  if ((mode & OTHERS) !== 0 && uid === process.getuid?.()) await chmod(path, mode & 0o7700);
}
