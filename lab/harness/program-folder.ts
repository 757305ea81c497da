import { access, constants, mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface ProgramFolder {
  /** Programs that are there as they are on this machine. */
  readonly real: readonly string[];
  /** Programs that only say a version, by name. */
  readonly sayingVersion?: Readonly<Record<string, string>>;
}

/** Makes a folder that can stand as the whole PATH: what is not named is not installed. */
export async function makeProgramFolder(folder: string, { real, sayingVersion = {} }: ProgramFolder): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of real) await symlink(await findReal(name), join(folder, name));
  for (const [name, version] of Object.entries(sayingVersion)) {
    await writeFile(join(folder, name), `#!/bin/sh\necho "${name} ${version}"\n`, { mode: 0o755 });
  }
  return folder;
}

async function findReal(name: string): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw new Error(`${name} is not installed here`);
}
