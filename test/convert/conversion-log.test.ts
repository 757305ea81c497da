import { expect, test } from 'vitest';
import { ConversionLog } from '../../src/convert/conversion-log.js';

const line = (type: string, message: string) => `${JSON.stringify({ message, timestamp: '2026-01-01T00:00:00Z', type })}\n`;

function read(text: string) {
  const stages: string[] = [];
  const log = new ConversionLog((stage, percent) => stages.push(`${percent} ${stage}`));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 7) log.push(bytes.subarray(at, at + 7));
  log.end();
  return { stages, error: log.error(), report: log.report() };
}

test('a good run', () => {
  const { stages, error, report } = read(
    line('message', 'Setting up the source: -i libvirtxml domain.xml') +
      'qemu-nbd: something of its own\n' +
      line('message', 'Inspecting the source') +
      line('message', 'Converting Windows Server 2019 Standard to run on KVM') +
      line('warning', 'could not determine a way to update the configuration of Grub2') +
      line('info', 'This guest has virtio drivers installed.') +
      line('info', 'This guest requires UEFI on the target to boot.') +
      line('message', 'Finishing off').trimEnd(),
  );
  expect(stages).toEqual([
    '0 Setting up the source',
    '8 Inspecting the source',
    '16 Converting Windows Server 2019 Standard to run on KVM',
    '100 Finishing off',
  ]);
  expect(error).toBe('');
  expect(report).toEqual({
    disk: 'virtio',
    network: 'virtio',
    firmware: 'uefi',
    warnings: ['could not determine a way to update the configuration of Grub2'],
  });
});

test('no virtio drivers', () => {
  const { report } = read(line('info', 'This guest does not have virtio drivers installed.'));
  expect(report).toEqual({ disk: 'emulated', network: 'emulated', firmware: 'any', warnings: [] });
});

test('nothing said about drivers is not taken for yes', () => {
  expect(read('').report).toEqual({ disk: 'unknown', network: 'virtio', firmware: 'any', warnings: [] });
});

test('a missing network driver is told as a warning only', () => {
  const warning =
    'there is no virtio network driver for this version of Windows (6.3 x86_64).  virt-v2v looks for this driver in ' +
    '/usr/share/virtio-win\n\nThe guest will be configured to use a slower emulated device.';
  const { report } = read(line('warning', warning) + line('info', 'This guest has virtio drivers installed.'));
  expect(report).toEqual({ disk: 'virtio', network: 'emulated', firmware: 'any', warnings: [warning] });
});

test('the last record, an error, has no end of line; advice on reporting bugs is left out', () => {
  const { error } = read(
    line('error', 'filesystem was mounted read-only ‘/dev/sda1’.\n\nIf reporting bugs, run virt-v2v with debugging').trimEnd(),
  );
  expect(error).toBe('filesystem was mounted read-only ‘/dev/sda1’.');
});
