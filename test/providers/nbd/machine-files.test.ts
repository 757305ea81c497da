import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../../src/diag/diagnostic.js';
import { MachineFolder } from './machine-folder.js';

const disk = { path: 'disk.raw', format: 'raw' };

/** What is wrong, as `FILE:LINE:COLUMN CODE detail`. */
async function wrong(folder: MachineFolder, machines?: readonly string[]): Promise<string[]> {
  const error = await folder.open(machines === undefined ? {} : { machines }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnosticsError)) return error === undefined ? [] : expect.unreachable(String(error));
  return error.diagnostics.map(({ source, code, detail }) => {
    const at = source === undefined ? '' : `${source.file}:${source.start.line}:${source.start.column} `;
    return `${at}${code} ${detail}`;
  });
}

describe('a machine file', () => {
  test('that is right has a name, an identity of its own, and its disks in order', async () => {
    const folder = await MachineFolder.ofTest();
    await folder.raw('disk.raw');
    await folder.machine({
      disks: [disk, { ...disk, key: 7, label: 'data', boot: true }],
      uuid: '4C4C4544-0051-3510-8052-B4C04F4E3132',
    });
    await folder.machine({ name: 'app', firmware: 'uefi', secureBoot: true, conversion: 'virt-v2v', disks: [disk] }, 'app.json');
    await using provider = await folder.open();
    const [app, web] = await provider.list();
    expect(app).toMatchObject({
      name: 'app',
      firmware: 'efi',
      secureBoot: true,
      bootDisk: 0,
      bootDiskFrom: 'default',
      traits: { conversion: 'virt-v2v' },
    });
    expect(web).toMatchObject({
      instanceUuid: '4c4c4544-0051-3510-8052-b4c04f4e3132',
      bootDisk: 7,
      disks: [
        { key: 0, label: 'disk.raw' },
        { key: 7, label: 'data' },
      ],
    });
    await using again = await folder.open();
    expect((await again.list())[0]?.instanceUuid).toBe(app?.instanceUuid);
    const lookups = await again.observe(
      ['WEB01', 'wev01', web!.instanceUuid].map((server) => ({ kind: 'server', server }) as const),
    );
    expect(lookups).toMatchObject([
      { kind: 'found' },
      { kind: 'not-found', nearest: ['web01'], check: expect.stringContaining('machine files') },
      { kind: 'found' },
    ]);
  });

  test('tells all that is wrong, with line and column', async () => {
    const folder = await MachineFolder.ofTest();
    const lines = [
      '{',
      '\t"name": "web 01",',
      '\t"firmware": "efi",',
      '\t"guest": "linux",',
      '\t"disks": [',
      '\t\t{"path": "a", "uri": "nbd://h/x", "format": "raw"},',
      '\t\t{"path": "a", "format": "qcow"},',
      '\t\t{"format": "raw"}',
      '\t],',
      '\t"nic": []',
      '}',
    ];
    await writeFile(folder.at('web01.json'), lines.join('\n'));
    expect(await wrong(folder)).toMatchInlineSnapshot(`
      [
        "web01.json:1:1 MP1003 conversion is missing (none: it runs on KVM as it is, and is copied)",
        "web01.json:10:2 MP1002 the document has no field "nic"",
        "web01.json:2:10 MP1018 name must be a name of letters, digits, dots, dashes and underscores, found the text "web 01"",
        "web01.json:3:14 MP1005 firmware is "efi", and must be bios or uefi",
        "web01.json:6:17 MP1018 disks[0] must have exactly one of path or uri, and has path and uri",
        "web01.json:7:27 MP1005 disks[1].format is "qcow", and must be raw, qcow2 or vmdk",
        "web01.json:8:3 MP1003 disks[2] must have exactly one of path or uri, and has none",
      ]
    `);
  });

  test('says nothing that cannot be', async () => {
    const folder = await MachineFolder.ofTest();
    await folder.machine({
      secureBoot: true,
      disks: [
        { ...disk, boot: true, key: 1 },
        { ...disk, boot: true },
        { uri: 'nbd://h/x', format: 'qcow2' },
      ],
    });
    await folder.machine({ disks: [disk] }, 'web02.json');
    expect(await wrong(folder)).toMatchInlineSnapshot(`
      [
        "web01.json:17:15 MP1031 a machine boots from one disk",
        "web01.json:14:5 MP1031 disk 1 has the key 1, as another one has",
        "web01.json:21:17 MP1031 the bytes of an NBD export are read as they are, not as qcow2",
        "web01.json:6:17 MP1031 BIOS has no Secure Boot",
        "web02.json:2:11 MP1009 name "web01" is already that of web01.json",
      ]
    `);
  });

  test('has no URI with a password, or to somewhere else', async () => {
    const folder = await MachineFolder.ofTest();
    for (const uri of ['nbd://user:secret@h/x', 'http://h/x', 'nbds://h/x?tls-psk-file=/etc/shadow', 'nbd+unix:///x', '-h']) {
      await folder.machine({ disks: [{ uri, format: 'raw' }] });
      expect(await wrong(folder), uri).toEqual([expect.stringContaining('MP1018')]);
    }
  });

  test('has no export that is read without TLS where the provider has certificates', async () => {
    const folder = await MachineFolder.ofTest();
    const uris = ['nbds://h/x', 'nbd+unix:///x?socket=/run/x', 'nbd://h/x'];
    await folder.machine({ disks: uris.map((uri) => ({ uri, format: 'raw' })) });
    const opened = (certificates?: string) =>
      folder.open(certificates === undefined ? {} : { certificates }).then(
        async (source) => source[Symbol.asyncDispose](),
        (error: unknown) => (error as DiagnosticsError).diagnostics,
      );
    expect(await opened('/certs')).toMatchObject([
      {
        code: 'MP1031',
        detail: 'nbd://h/x is read without TLS, and the provider has tls.certificates',
        source: { file: 'web01.json', start: { line: 16, column: 14 } },
      },
    ]);
    expect(await opened()).toBeUndefined();
  });

  test('is there, is a file, and lies where the Project says', async () => {
    const folder = await MachineFolder.ofTest();
    expect(await wrong(folder)).toEqual(['MP1032 there is no machine file (*.json) in .']);
    expect(await wrong(folder, [folder.at('none.json')])).toEqual(['MP1032 there is no none.json']);
    await mkdir(folder.at('in'));
    await symlink('/etc/hostname', folder.at('in/link.json'));
    expect(await wrong(folder, [folder.at('in')])).toEqual([
      expect.stringMatching(/MP1012 in\/link\.json cannot be read: .* link that leads out/),
    ]);
    await writeFile(folder.at('in/link2.json'), '{"name": ');
    expect((await wrong(folder, [folder.at('in/link2.json')]))[0]).toMatch(/^in\/link2\.json:1:\d+ MP1006 /);
  });
});
