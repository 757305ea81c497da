import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A key of one person, made for one run, without a passphrase unless given. */
export interface SigningKey {
  /** Of the private key; the public one has `.pub` behind it. */
  readonly path: string;
  /** Type and key, as a line of allowed_signers ends. */
  readonly publicKey: string;
}

/** Makes it in a folder that is there. */
export async function makeSigningKey(folder: string, name: string, passphrase = ''): Promise<SigningKey> {
  const path = join(folder, name);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', path]);
  const [type = '', key = ''] = (await readFile(`${path}.pub`, 'utf8')).split(' ');
  return { path, publicKey: `${type} ${key}` };
}

/** A line of allowed_signers. */
export const signerLine = (principal: string, { publicKey }: SigningKey, options = ''): string =>
  `${[principal, options, publicKey].filter((part) => part !== '').join(' ')}\n`;
