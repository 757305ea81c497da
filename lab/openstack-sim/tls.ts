import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TlsMaterial {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** What a client must trust. */
  readonly caFile: string;
}

/** Makes a certificate authority and a certificate for 127.0.0.1 and localhost under `dir`. Needs the openssl program. */
export function createTlsMaterial(dir: string): TlsMaterial {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const newKey = (name: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file(name));
  newKey('ca.key');
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    file('ca.key'),
    '-subj',
    '/CN=simulated cloud CA',
    '-days',
    '30',
    '-out',
    file('ca.pem'),
  );
  newKey('server.key');
  openssl('req', '-new', '-key', file('server.key'), '-subj', '/CN=127.0.0.1', '-out', file('server.csr'));
  writeFileSync(file('server.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const signing = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('server.ext')];
  openssl('x509', '-req', '-in', file('server.csr'), ...signing, '-days', '30', '-out', file('server.pem'));
  return { key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')), caFile: file('ca.pem') };
}
