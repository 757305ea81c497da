import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PACKAGES = [
  'systemd-sysv',
  'udev',
  'kmod',
  'initramfs-tools',
  'linux-image-cloud-amd64',
  'grub-pc',
  'e2fsprogs',
  'login',
] as const;

/** Console of the kernel, and by that of a login prompt: what a cloud keeps as the console log. */
const CONSOLE = 'console=tty0 console=ttyS0,115200';

/**
 * What must be there before the kernel's package makes its initramfs: drivers of the controllers that VMware offers and of
 * nothing else. An initramfs of Debian's default would hold virtio too, and boot anywhere without a conversion.
 */
const filesBeforePackages: Readonly<Record<string, string>> = {
  'etc/initramfs-tools/conf.d/vmware': 'MODULES=list\n',
  'usr/share/initramfs-tools/modules.d/vmware': 'vmw_pvscsi\nata_piix\nahci\nsd_mod\next4\n',
};

const filesAfterPackages = (uuid: string): Readonly<Record<string, string>> => ({
  'etc/fstab': `UUID=${uuid} / ext4 errors=remount-ro 0 1\n`,
  'etc/hostname': 'debian12\n',
  // Without one systemd takes every boot for the first.
  'etc/machine-id': `${uuid.replaceAll('-', '')}\n`,
  'etc/hosts': '127.0.0.1 localhost debian12\n',
  'etc/resolv.conf': '',
  'etc/default/grub': `GRUB_DEFAULT=0\nGRUB_TIMEOUT=0\nGRUB_DISTRIBUTOR=Debian\nGRUB_CMDLINE_LINUX="${CONSOLE}"\nGRUB_DISABLE_OS_PROBER=true\n`,
  'boot/grub/device.map': '(hd0)\t/dev/sda\n',
});

const grubMenu = (version: string, uuid: string): string => `set default=0
set timeout=0
menuentry 'Debian GNU/Linux' {
	search --no-floppy --fs-uuid --set=root ${uuid}
	linux /boot/vmlinuz-${version} root=UUID=${uuid} ro ${CONSOLE}
	initrd /boot/initrd.img-${version}
}
`;

/** Units that would take the one slow processor of a test, and that nobody waits for. */
const MASKED = [
  'getty-static.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
];
/** The part of GRUB that the BIOS starts must find its other modules by itself. */
const GRUB_CORE = ['biosdisk', 'part_msdos', 'ext2'];
/** Where a guest keeps its GRUB, below its root. */
export const GRUB_FOLDER = 'boot/grub/i386-pc';

/** All that decides what a root looks like; when it changes, roots made before are of no use. */
export const linuxRecipe = (uuid: string): readonly unknown[] => [
  PACKAGES,
  filesBeforePackages,
  filesAfterPackages(uuid),
  grubMenu('', uuid),
  MASKED,
  GRUB_CORE,
];

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await rm(join(folder, name), { force: true });
    await writeFile(join(folder, name), text);
  }
}

async function installPackages(root: string): Promise<void> {
  const before = `${root}.before`;
  await writeAll(before, filesBeforePackages);
  const unread = ['man', 'doc', 'locale'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);
  // In a mount namespace of its own: whatever ends it, no file system of this machine stays mounted in a folder to be removed.
  await run('unshare', [
    '--mount',
    'mmdebstrap',
    '--mode=root',
    '--variant=minbase',
    `--include=${PACKAGES.join(',')}`,
    '--aptopt=Apt::Install-Recommends "false"',
    '--dpkgopt=force-unsafe-io',
    ...unread,
    `--essential-hook=sync-in ${before} /`,
    'bookworm',
    root,
  ]);
}

/** What grub-install does, but for the sectors before the partition; core.img is for them. */
async function installGrub(root: string, uuid: string): Promise<void> {
  const vmlinuz = (await readdir(join(root, 'boot'))).find((name) => name.startsWith('vmlinuz-'));
  if (vmlinuz === undefined) throw new Error(`no kernel in ${root}/boot`);
  await cp(join(root, 'usr/lib/grub/i386-pc'), join(root, GRUB_FOLDER), { recursive: true });
  await writeFile(join(root, 'boot/grub/grub.cfg'), grubMenu(vmlinuz.slice('vmlinuz-'.length), uuid));
  const image = ['-O', 'i386-pc', '-p', '(,msdos1)/boot/grub', '-o', `/${GRUB_FOLDER}/core.img`];
  await run('chroot', [root, 'grub-mkimage', ...image, ...GRUB_CORE]);
}

/**
 * Makes the root file system of a Debian 12 guest as VMware leaves it, in a new folder: systemd, a login prompt on the serial
 * console, drivers of VMware's controllers in the initramfs and no others. Needs root, mmdebstrap and a Debian mirror.
 *
 * @param uuid of the file system that this will be
 */
export async function makeLinuxRoot(root: string, uuid: string): Promise<void> {
  await installPackages(root);
  await writeAll(root, filesAfterPackages(uuid));
  await run('chroot', [root, 'systemctl', '--quiet', 'mask', ...MASKED]);
  await installGrub(root, uuid);
}
