import type { ConversionJob } from '../contracts/converter.js';
import { escapeXml } from '../model/xml-text.js';

/** sda to sdz, then sdaa. */
export function diskName(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? `sd${letter}` : `${diskName(Math.floor(index / 26) - 1)}${letter}`;
}

const diskXml = (overlay: string, index: number): string =>
  `    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${escapeXml(overlay)}'/>` +
  `<target dev='${diskName(index)}' bus='scsi'/></disk>`;

/** What `virt-v2v-in-place -i libvirtxml` reads: the disks in guest order, the firmware, nothing that is not needed. */
export function domainXml({ name, firmware, disks }: Pick<ConversionJob, 'name' | 'firmware' | 'disks'>): string {
  const [os, machine] = firmware === 'efi' ? ["<os firmware='efi'>", 'q35'] : ['<os>', 'pc'];
  return [
    "<domain type='kvm'>",
    `  <name>${escapeXml(name)}</name>`,
    "  <memory unit='MiB'>1024</memory>",
    '  <vcpu>1</vcpu>',
    `  ${os}<type arch='x86_64' machine='${machine}'>hvm</type><boot dev='hd'/></os>`,
    '  <devices>',
    ...disks.map(({ overlay }, index) => diskXml(overlay, index)),
    "    <controller type='scsi' index='0' model='lsilogic'/>",
    '  </devices>',
    '</domain>',
    '',
  ].join('\n');
}
