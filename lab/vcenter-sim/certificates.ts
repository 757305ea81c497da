import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SUBJECT_ALT_NAMES = 'DNS:localhost,IP:127.0.0.1';
const DAYS = '3650';

export interface ServerIdentity {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** PEM file a client can trust: the authority. */
  readonly caFile: string;
  /** Fingerprints of the leaf, upper-case pairs joined by colons. */
  readonly sha1: string;
  readonly sha256: string;
}

/**
 * A key and certificate for loopback, made with the openssl command, signed by an authority of its own.
 * What an earlier start left in the directory is used again, so that a client's trust survives a restart.
 */
export async function createIdentity(directory: string): Promise<ServerIdentity> {
  const at = (name: string): string => join(directory, name);
  await mkdir(directory, { recursive: true });
  if (existsSync(at('leaf.pem'))) return readIdentity(at);
  await signWithAuthority(at);
  return readIdentity(at);
}

async function readIdentity(at: (name: string) => string): Promise<ServerIdentity> {
  const cert = await readFile(at('leaf.pem'));
  const { fingerprint, fingerprint256 } = new X509Certificate(cert);
  return { key: await readFile(at('leaf.key')), cert, caFile: at('ca.pem'), sha1: fingerprint, sha256: fingerprint256 };
}

interface Certificate {
  readonly key: string;
  readonly out: string;
  readonly name: string;
  /** Arguments that say by whom it is signed, and for what. */
  readonly more: readonly string[];
}

async function makeCertificate({ key, out, name, more }: Certificate): Promise<void> {
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  await run('openssl', ['req', '-x509', ...newKey, '-days', DAYS, '-subj', `/CN=${name}`, '-out', out, ...more]);
}

const ALT_NAMES = ['-addext', `subjectAltName=${SUBJECT_ALT_NAMES}`];

async function signWithAuthority(at: (name: string) => string): Promise<void> {
  await makeCertificate({ key: at('ca.key'), out: at('ca.pem'), name: 'Lab vCenter CA', more: [] });
  const leafOnly = ['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth'];
  const more = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), ...ALT_NAMES, ...leafOnly];
  await makeCertificate({ key: at('leaf.key'), out: at('leaf.pem'), name: '127.0.0.1', more });
}
