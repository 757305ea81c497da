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
    virtio: true,
    needsUefi: true,
    warnings: ['could not determine a way to update the configuration of Grub2'],
  });
});

test('no virtio drivers', () => {
  const { report } = read(line('info', 'This guest does not have virtio drivers installed.'));
  expect(report).toEqual({ virtio: false, needsUefi: false, warnings: [] });
});

test('nothing said about drivers is a warning', () => {
  expect(read('').report).toMatchObject({ virtio: true, warnings: [expect.stringContaining('did not say')] });
});

test('the last record, an error, has no end of line; advice on reporting bugs is left out', () => {
  const { error } = read(
    line('error', 'filesystem was mounted read-only ‘/dev/sda1’.\n\nIf reporting bugs, run virt-v2v with debugging').trimEnd(),
  );
  expect(error).toBe('filesystem was mounted read-only ‘/dev/sda1’.');
});
