import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Names below the root, and what the files hold. */
export type RootFiles = Readonly<Record<string, string>>;

/** A Debian 12 guest, as far as one differs from another. */
export interface LinuxGuest {
  /** Its hostname, and the beginning of its cached disk's name. */
  readonly hostname: string;
  /** Of its root file system. */
  readonly uuid: string;
  /** Besides those that make it boot. */
  readonly packages: readonly string[];
  /** What must be there before the kernel's package makes its initramfs. */
  readonly filesBeforePackages: RootFiles;
  readonly files: RootFiles;
  /** Kernel parameters. */
  readonly parameters: string;
  /** Units that would take the one slow processor of a test, and that nobody waits for. */
  readonly masked: readonly string[];
}

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

const filesAfterPackages = ({ hostname, uuid, parameters, files }: LinuxGuest): RootFiles => ({
  'etc/fstab': `UUID=${uuid} / ext4 errors=remount-ro 0 1\n`,
  'etc/hostname': `${hostname}\n`,
  // Without one systemd takes every boot for the first.
  'etc/machine-id': `${uuid.replaceAll('-', '')}\n`,
  'etc/hosts': `127.0.0.1 localhost ${hostname}\n`,
  'etc/resolv.conf': '',
  'etc/default/grub': `GRUB_DEFAULT=0\nGRUB_TIMEOUT=0\nGRUB_DISTRIBUTOR=Debian\nGRUB_CMDLINE_LINUX="${parameters}"\nGRUB_DISABLE_OS_PROBER=true\n`,
  'boot/grub/device.map': '(hd0)\t/dev/sda\n',
  ...files,
});

const grubMenu = (version: string, { uuid, parameters }: LinuxGuest): string => `set default=0
set timeout=0
menuentry 'Debian GNU/Linux' {
	search --no-floppy --fs-uuid --set=root ${uuid}
	linux /boot/vmlinuz-${version} root=UUID=${uuid} ro ${parameters}
	initrd /boot/initrd.img-${version}
}
`;

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

const allPackages = ({ packages }: LinuxGuest): string[] => [...PACKAGES, ...packages];
const allMasked = ({ masked }: LinuxGuest): string[] => [...MASKED, ...masked];

/** All that decides what a root looks like; when it changes, roots made before are of no use. */
export const linuxRecipe = (guest: LinuxGuest): readonly unknown[] => [
  allPackages(guest),
  guest.filesBeforePackages,
  filesAfterPackages(guest),
  grubMenu('', guest),
  allMasked(guest),
  GRUB_CORE,
];

async function writeAll(folder: string, files: RootFiles): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await rm(join(folder, name), { force: true });
    await writeFile(join(folder, name), text);
  }
}

async function installPackages(root: string, guest: LinuxGuest): Promise<void> {
  const before = `${root}.before`;
  await writeAll(before, guest.filesBeforePackages);
  const unread = ['man', 'doc', 'locale'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);
  // In a mount namespace of its own: whatever ends it, no file system of this machine stays mounted in a folder to be removed.
  await run('unshare', [
    '--mount',
    'mmdebstrap',
    '--mode=root',
    '--variant=minbase',
    `--include=${allPackages(guest).join(',')}`,
    '--aptopt=Apt::Install-Recommends "false"',
    '--dpkgopt=force-unsafe-io',
    ...unread,
    `--essential-hook=sync-in ${before} /`,
    'bookworm',
    root,
  ]);
}

/** What grub-install does, but for the sectors before the partition; core.img is for them. */
async function installGrub(root: string, guest: LinuxGuest): Promise<void> {
  const vmlinuz = (await readdir(join(root, 'boot'))).find((name) => name.startsWith('vmlinuz-'));
  if (vmlinuz === undefined) throw new Error(`no kernel in ${root}/boot`);
  await cp(join(root, 'usr/lib/grub/i386-pc'), join(root, GRUB_FOLDER), { recursive: true });
  await writeFile(join(root, 'boot/grub/grub.cfg'), grubMenu(vmlinuz.slice('vmlinuz-'.length), guest));
  const image = ['-O', 'i386-pc', '-p', '(,msdos1)/boot/grub', '-o', `/${GRUB_FOLDER}/core.img`];
  await run('chroot', [root, 'grub-mkimage', ...image, ...GRUB_CORE]);
}

/** Makes the root file system of a guest in a new folder. Needs root, mmdebstrap and a Debian mirror. */
export async function makeLinuxRoot(root: string, guest: LinuxGuest): Promise<void> {
  await installPackages(root, guest);
  await writeAll(root, filesAfterPackages(guest));
  await run('chroot', [root, 'systemctl', '--quiet', 'mask', ...allMasked(guest)]);
  await installGrub(root, guest);
}
