import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Keys of one host and of the one who may log in there, made for one run. Files of theirs have `.pub` beside them. */
export interface SshKeys {
  readonly hostKey: string;
  readonly userKey: string;
  /** For ssh's -F: knows the host by `address`, and no other. */
  readonly config: string;
}

/** Makes them in a folder that is there. */
export async function makeSshKeys(folder: string, address: string): Promise<SshKeys> {
  const [hostKey, userKey] = [join(folder, 'host_key'), join(folder, 'user_key')];
  for (const path of [hostKey, userKey]) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', path]);
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, `${address} ${await readFile(`${hostKey}.pub`, 'utf8')}`);
  const config = join(folder, 'ssh_config');
  const lines = [`Host ${address}`, 'User root', `IdentityFile ${userKey}`, 'IdentitiesOnly yes'];
  const strict = [`UserKnownHostsFile ${knownHosts}`, 'GlobalKnownHostsFile none', 'StrictHostKeyChecking yes'];
  await writeFile(config, `${[...lines, ...strict].join('\n  ')}\n`);
  return { hostKey, userKey, config };
}
