import { expect, test } from 'vitest';
import { diskName, domainXml } from '../../src/convert/domain-xml.js';
import { nextStepsFor } from '../../src/convert/errors.js';
import { diskKey } from '../../src/model/ids.js';

const endpoint = { uri: 'nbd+unix:///?socket=/x', size: 1, close: async () => {} };

test('disks in order, names escaped', () => {
  const disks = ['/a/1.qcow2', "/a/<'2'>&.qcow2"].map((overlay, index) => ({ key: diskKey(2000 + index), endpoint, overlay }));
  expect(domainXml({ name: 'a & b', firmware: 'efi', disks })).toMatchInlineSnapshot(`
    "<domain type='kvm'>
      <name>a &amp; b</name>
      <memory unit='MiB'>1024</memory>
      <vcpu>1</vcpu>
      <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
      <devices>
        <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a/1.qcow2'/><target dev='sda' bus='scsi'/></disk>
        <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a/&lt;&apos;2&apos;&gt;&amp;.qcow2'/><target dev='sdb' bus='scsi'/></disk>
        <controller type='scsi' index='0' model='lsilogic'/>
      </devices>
    </domain>
    "
  `);
});

test('a name that holds what no XML can is left with the rest of it', () => {
  expect(domainXml({ name: 'a\u0001\ud800b', firmware: 'bios', disks: [] })).toContain('<name>ab</name>');
});

test.each([
  [0, 'sda'],
  [25, 'sdz'],
  [26, 'sdaa'],
  [51, 'sdaz'],
  [52, 'sdba'],
])('disk %d is %s', (index, name) => {
  expect(diskName(index)).toBe(name);
});

test.each([
  ['filesystem was mounted read-only, even though we asked for it to be mounted read-write.', 'powercfg'],
  ['not enough free space for conversion on filesystem ‘/’.  16.2 MB free < 50 MB needed', 'Free space'],
  ['One of rhsrvany.exe or pvvxsvc.exe is missing in /usr/share/virt-tools.', 'VIRT_TOOLS_DATA_DIR'],
  ['inspection could not detect the source guest (or physical machine).', 'first disk'],
  ['libguestfs error: filesize: /var/lib/dpkg/status: No such file or directory', 'every disk'],
  ['libguestfs error: guestfs_launch failed.', 'libguestfs-test-tool'],
])('%s', (text, advice) => {
  expect(nextStepsFor(text)?.join('\n')).toContain(advice);
});

test('no advice where none is known', () => {
  expect(nextStepsFor('something new')).toBeUndefined();
});
