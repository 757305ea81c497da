import { expect, test } from 'vitest';
import { storageNeeds } from '../../../src/providers/openstack/access/storage-needs.js';
import type { CinderAccess } from '../../../src/providers/openstack/config/cloud-config.js';

const rbd = { conf: '/etc/ceph/ceph.conf', user: 'cinder' };

test.each<[string, Omit<CinderAccess, 'type'>, 'read' | 'write', string[]]>([
  ['no storage', {}, 'write', []],
  ['Ceph alone is surely used', { rbd }, 'write', ['rbd']],
  ['iSCSI is written, and never read in place', { iscsi: { portals: ['192.0.2.1:3260'] } }, 'read', []],
  ['NFS', { nfs: { exports: ['filer:/cinder'] } }, 'write', ['driver nfs']],
  ['a list without entries is no storage', { nfs: { exports: [] }, rbd }, 'write', ['rbd']],
  ['of two, each may be unused', { rbd, local: { folders: ['/volumes'] } }, 'read', ['rbd maybe', 'folder maybe']],
])('%s', (_name, access, use, expected) => {
  const told = storageNeeds({ type: 'cinder', ...access }, use).map((need) => {
    const driver = need.kind === 'driver' ? ` ${need.driver}` : '';
    return `${need.kind}${driver}${need.kind !== 'plugin' && need.isOneOfSeveral === true ? ' maybe' : ''}`;
  });
  expect(told).toEqual(expected);
});
