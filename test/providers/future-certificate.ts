import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CONFIG = `[ca]
default_ca = x
[x]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = p
x509_extensions = e
[p]
commonName = supplied
[e]
subjectAltName = IP:127.0.0.1
`;

export interface FutureServer extends AsyncDisposable {
  readonly origin: string;
  readonly pem: string;
  readonly caFile: string;
  /** Requests that arrived, which there must not be. */
  readonly requests: string[];
}

/** A server whose certificate, its own authority, is valid in the year 2099 only: what a clock that is behind sees. */
export async function futureServer(): Promise<FutureServer> {
  const dir = await mkdtemp(join(tmpdir(), 'migplan-future-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  await Promise.all([
    writeFile(join(dir, 'ca.cnf'), CONFIG),
    writeFile(join(dir, 'index.txt'), ''),
    writeFile(join(dir, 'serial'), '01\n'),
  ]);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem'];
  openssl('req', ...key, '-subj', '/CN=127.0.0.1', '-out', 'request.pem');
  const span = ['-startdate', '20990101000000Z', '-enddate', '20991231000000Z'];
  const files = ['-selfsign', '-keyfile', 'key.pem', '-in', 'request.pem', '-out', 'certificate.pem'];
  openssl('ca', '-config', 'ca.cnf', ...files, ...span, '-batch', '-notext');
  const caFile = join(dir, 'certificate.pem');
  const pem = await readFile(caFile, 'utf8');
  const requests: string[] = [];
  const server = createServer({ key: await readFile(join(dir, 'key.pem')), cert: pem }, (request, response) => {
    requests.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pem,
    caFile,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
