import { describe, expect, test } from 'vitest';
import { loadSpec, projectText } from './in-folder.js';

const project = (lines: string): string =>
  projectText().replace(
    'cloud: {type: openstack, access: {type: cinder}}',
    `cloud: {type: openstack, access: {type: cinder}, ${lines}}`,
  );

describe('HW1 what a Project says of machine types', () => {
  test('release, types and a map reach the configuration', async () => {
    const loaded = await loadSpec(
      '',
      project('release: ubuntu-24.04, machineTypes: [pc-q35-9.2], machineTypeMap: {pc-i440fx-rhel7.6.0: pc}'),
    );
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.project?.providers['cloud']).toMatchObject({
      release: 'ubuntu-24.04',
      machineTypes: ['pc-q35-9.2'],
      machineTypeMap: { 'pc-i440fx-rhel7.6.0': 'pc' },
    });
  });

  test('a release without a shipped list is an error that names the others', async () => {
    const { diagnostics } = await loadSpec('', project('release: rhoso-19'));
    expect(diagnostics).toMatchObject([{ code: 'MP1005' }]);
    expect(JSON.stringify(diagnostics)).toContain('rhoso-18');
  });
});

describe('HW4 what a Migration says of image metadata', () => {
  const withTarget = (metadata: string) => loadSpec('', projectText(`  defaults: {target: {imageMetadata: ${metadata}}}\n`));

  test('properties of hardware and guest are taken', async () => {
    const { migrations, diagnostics } = await withTarget('{hw_disk_bus: scsi, os_distro: rhel}');
    expect(diagnostics).toEqual([]);
    expect(migrations[0]?.target.imageMetadata).toEqual({ hw_disk_bus: 'scsi', os_distro: 'rhel' });
  });

  test.each([
    ['{hw_machine_type: q35}', 'MP1005', 'it is what hwMachineType says'],
    ['{hw_firmware_type: uefi}', 'MP1005', 'it follows from the firmware of the source'],
    ['{os_secure_boot: required}', 'MP1005', 'it follows from the firmware of the source'],
    ['{os_hash_value: aa}', 'MP1005', 'it belongs to one image of one cloud'],
    ['{image_id: aa}', 'MP1018', 'image_id'],
    ['{hw_disk_bus: "🚀"}', 'MP1018', 'hw_disk_bus'],
  ])('%s: %s', async (metadata, code, part) => {
    const { diagnostics } = await withTarget(metadata);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(diagnostics[0]?.detail).toContain(part);
  });
});
