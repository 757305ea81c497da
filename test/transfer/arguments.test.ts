import { describe, expect, test } from 'vitest';
import type { CopyJob } from '../../src/contracts/data-plane.js';
import type { DiskReader } from '../../src/contracts/disk-reader.js';
import { Secret } from '../../src/host/secret.js';
import { nbdcopyArgs } from '../../src/transfer/copy.js';
import { nbdkitArgs } from '../../src/transfer/nbdkit-server.js';
import { ReadCounter } from '../../src/transfer/request-log.js';
import { exporterArgs } from '../../src/transfer/volume-export.js';

const files = { socket: '/run/x/s.sock', pidFile: '/run/x/s.pid' };
const vddk: DiskReader = {
  program: 'nbdkit',
  plugin: 'vddk',
  args: ['file=[ds1] a b/c.vmdk', 'vm=moref=vm-4'],
  secrets: [{ key: 'password', value: new Secret('hunter2') }],
  requestBytesMax: 2 ** 21,
  connections: 1,
};

describe('nbdkit', () => {
  test('a reader as it is opened first', () => {
    expect(nbdkitArgs(vddk, files, {}).join('\n')).toMatchInlineSnapshot(`
      "--foreground
      --exit-with-parent
      --readonly
      --threads=64
      --unix
      /run/x/s.sock
      --pidfile
      /run/x/s.pid
      --filter=cacheextents
      --filter=blocksize
      vddk
      file=[ds1] a b/c.vmdk
      vm=moref=vm-4
      password=-3
      maxdata=2097152"
    `);
  });

  test('for a copy over several connections, limited', () => {
    const options = { extentList: '/run/x/list', requestLog: '/run/x/log', rateFile: '/etc/rate' };
    const args = nbdkitArgs({ ...vddk, connections: 4 }, files, options);
    const filters = args.filter((arg) => arg.startsWith('--filter='));
    expect(filters.join(' ').replaceAll('--filter=', '')).toBe('extentlist log multi-conn rate blocksize');
    expect(args).toEqual(
      expect.arrayContaining(['extentlist=/run/x/list', 'logfile=/run/x/log', 'multi-conn-mode=unsafe', 'rate-file=/etc/rate']),
    );
  });
});

describe('nbdcopy', () => {
  const endpoint = { uri: 'nbd+unix:///?socket=/t', size: 1, close: async () => {} };
  const job: CopyJob = { source: endpoint, target: endpoint, extents: [], skipZeroes: false, requestBytesMax: 1, connections: 2 };

  test.each([
    [false, true],
    [true, false],
  ])('zeroes skipped %s: zeroes are looked for %s', (skipZeroes, hasSparse) => {
    const args = nbdcopyArgs({ ...job, skipZeroes }, 65_536, 'nbd+unix:///?socket=/s');
    expect(args).toEqual(expect.arrayContaining(['--destination-is-zero', '--flush', '--connections=2', '--request-size=65536']));
    expect(args.includes('--sparse=0')).toBe(hasSparse);
    expect(args).not.toContain('--synchronous');
  });
});

describe('qemu-storage-daemon', () => {
  const opens = (block: Parameters<typeof exporterArgs>[0]) => {
    const args = exporterArgs(block, { ...files, secret: '/run/x/s.secret' });
    return JSON.parse(args[args.indexOf('--blockdev') + 1]!) as unknown;
  };

  test('each kind of volume', () => {
    expect(opens({ driver: 'file', path: '/a,b' })).toMatchObject({ driver: 'file', filename: '/a,b', discard: 'unmap' });
    expect(opens({ driver: 'host_device', path: '/dev/vdb' })).toMatchObject({ driver: 'host_device', cache: { direct: true } });
    const rbd = { driver: 'rbd', pool: 'volumes', image: 'volume-1', conf: '/etc/ceph/ceph.conf', user: 'cinder' } as const;
    expect(opens(rbd)).toMatchObject(rbd);
    const nfs = { driver: 'nfs', host: 'filer', path: '/cinder/volume-1' } as const;
    const onServer = { driver: 'nfs', server: { type: 'inet', host: 'filer' }, path: '/cinder/volume-1' };
    expect(opens({ ...nfs, format: 'raw' })).toMatchObject({ ...onServer, 'node-name': 'volume' });
    expect(opens({ ...nfs, format: 'qcow2' })).toMatchObject({ driver: 'qcow2', file: onServer, 'node-name': 'volume' });
    const nbd = { driver: 'nbd', server: { type: 'unix', path: '/run/x/n.sock' } };
    expect(opens({ driver: 'nbd', socket: '/run/x/n.sock' })).toMatchObject({ ...nbd, discard: 'unmap', 'reconnect-delay': 0 });
  });

  test('iSCSI: the password is in a file that the arguments name', () => {
    const target = { portal: '192.0.2.1:3260', target: 'iqn.t', lun: 1, initiator: 'iqn.i' };
    const chap = { user: 'u', password: new Secret('hunter2') };
    expect(opens({ driver: 'iscsi', ...target })).not.toHaveProperty('password-secret');
    expect(opens({ driver: 'iscsi', ...target, chap })).toMatchObject({
      user: 'u',
      'password-secret': 'chap',
      'initiator-name': 'iqn.i',
    });
    const args = exporterArgs({ driver: 'iscsi', ...target, chap }, { ...files, secret: '/run/x/s.secret' });
    expect(args.slice(0, 2)).toEqual(['--object', 'secret,id=chap,file=/run/x/s.secret']);
    expect(args.join()).not.toContain('hunter2');
  });
});

describe('ReadCounter', () => {
  const asked = (connection: number, id: number, count: number) =>
    `2026-01-01 00:00:00.000000 connection=${connection} Read id=${id} offset=0x0 count=0x${count.toString(16)} ...\n`;
  const answered = (connection: number, id: number, code = 0) =>
    `2026-01-01 00:00:00.000000 connection=${connection} ...Read id=${id} return=${code}\n`;

  test('counts what was answered well, by connection, however the text is cut', () => {
    const counter = new ReadCounter();
    const text = asked(1, 1, 4096) + asked(2, 1, 512) + answered(2, 1) + asked(2, 2, 100) + answered(2, 2, -1) + answered(1, 1);
    for (const character of text) counter.push(character);
    expect(counter.bytes).toBe(4608);
  });
});
