/** Which chipset a machine type of x86 stands for; `none` boots no guest that comes from VMware. */
export type MachineFamily = 'pc' | 'q35' | 'none' | 'unknown';

/** QEMU's machines without the disks, slots or firmware a PC guest needs; `virt` and `sbsa` are no x86 at all. */
const unfit = /^(microvm|isapc|none|x-remote|virt(-.*)?|sbsa-ref|xen.*)$/;
/** `pc`, `ubuntu`, `pc-i440fx-7.2`, and the old spellings `pc-1.3` and `rhel6.6.0`. */
const i440fx = /^(pc|ubuntu|pc-i440fx(-.+)?|pc-\d.*|rhel[56]\..*)$/;
const q35 = /^(q35|ubuntu-q35|pc-q35(-.+)?)$/;

/** Tells the chipset by the name; `unknown` is a name of no known pattern. */
export function machineFamily(type: string): MachineFamily {
  if (unfit.test(type)) return 'none';
  if (i440fx.test(type)) return 'pc';
  return q35.test(type) ? 'q35' : 'unknown';
}

/** Numbered types of one chipset: `versioned('q35', '', ['7.2'])` is `pc-q35-7.2`. */
export const versioned = (chipset: 'i440fx' | 'q35', prefix: string, versions: readonly string[]): string[] =>
  versions.map((version) => `pc-${chipset}-${prefix}${version}`);
