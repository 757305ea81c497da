import { describe, expect, test } from 'vitest';
import { explainReaderFailure, usesVddk } from '../../src/transfer/reader-failure.js';

const open = 'nbdkit: vddk[1]: error: VixDiskLib_Open: [ds1] web01/web01.vmdk: ';
const nfc = 'nbdkit: vddk[1]: error: [NFC ERROR]';

/** Lines as nbdkit and VDDK print them, and what of the meaning and of the advice must be there. */
const rows: readonly [name: string, said: string, means: RegExp, advice: RegExp][] = [
  [
    'another thumbprint',
    `nbdkit: vddk[1]: error: SSL exception: thumbprint mismatch\n${open}Unknown error`,
    /another certificate/,
    /proxy/,
  ],
  [
    'no certificate',
    "cannot get thumbprint: SSL error code '151441516', exception: 'Wrong X.509 Certificate format'",
    /certificate/,
    /proxy/,
  ],
  ['port 902 refused', `${open}The server refused connection`, /TCP 902/, /open TCP port 902/],
  [
    'port 902 closed',
    `${nfc}NfcNewAuthdConnectionEx: Failed to connect: Failed to connect to server esx1.example:902\n${open}Unknown error`,
    /TCP 902/,
    /open TCP port 902/,
  ],
  [
    'authd does not answer',
    `${nfc}NfcEstablishAuthCnxToServer: Failed to create new AuthD connection: Error reading from vmware-authd socket. Reason: Resource temporarily unavailable`,
    /TCP 902/,
    /resolve the ESXi host/,
  ],
  [
    'no such transport',
    `nbdkit: vddk[1]: error: None of the transport modes is available\n${open}Unknown error`,
    /no transport mode/,
    /nbdssl/,
  ],
  [
    'NFC memory',
    'nbdkit: vddk[1]: error: [NFC ERROR]received NFC error 5 from server: Failed to allocate the requested 2097176 bytes',
    /no memory or session/,
    /limits\.transfers/,
  ],
  [
    'NFC sessions',
    `${nfc}The NFC connections limit was reached\n${open}Unknown error`,
    /no memory or session/,
    /limits\.transfers/,
  ],
  ['locked', `${open}Failed to lock the file`, /holds the disk open/, /backup proxy/],
  ['locked, as a fault', 'nbdkit: vddk[1]: error: FileLocked: [ds1] web01/web01.vmdk', /holds the disk open/, /backup proxy/],
  [
    'login',
    'nbdkit: vddk[1]: error: VixDiskLib_ConnectEx: Cannot complete login due to an incorrect user name or password',
    /login/,
    /password/,
  ],
  ['rights', `${open}You do not have access rights to this file`, /may not read/, /DiskRandomRead/],
  [
    'library',
    'nbdkit: error: /opt/vddk/lib64/libvixDiskLib.so.8: cannot open shared object file: No such file or directory',
    /cannot be loaded/,
    /libdir/,
  ],
  [
    'needed library',
    'nbdkit: error: libssl.so.3: cannot open shared object file: No such file or directory',
    /cannot be loaded/,
    /libdir/,
  ],
  ['symbol', 'nbdkit: error: required VDDK symbol "VixDiskLib_ListTransportModes" is missing', /cannot be loaded/, /libdir/],
  ['no reason', `${open}Unknown error`, /names no reason/, /443 and 902/],
];

describe("VDDK's words", () => {
  test.each(rows)('%s', (_name, said, means, advice) => {
    const { detail, nextSteps = [] } = explainReaderFailure(said);
    expect(detail.split('\n')[0]).toMatch(means);
    expect(detail).toContain(said);
    expect(nextSteps.join('\n')).toMatch(advice);
  });

  test('the name of a disk is not a reason', () => {
    const said =
      'nbdkit: vddk[1]: error: VixDiskLib_Open: [certificates] no transport/thumbprint.vmdk: The server refused connection';
    expect(explainReaderFailure(said).detail).toMatch(/^the ESXi host .*TCP 902/);
  });

  test('words that nobody knows stay as they are, without advice', () => {
    expect(explainReaderFailure('nbdkit: error: out of cheese')).toEqual({ detail: 'nbdkit: error: out of cheese' });
  });

  test('only a reader with a libdir is one of VDDK', () => {
    expect([usesVddk({ args: ['libdir=/opt/vddk'] }), usesVddk({ args: ['uri=nbd://x'] })]).toEqual([true, false]);
  });
});
