import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../diag/diagnostic.js';
import { exists } from '../host/files.js';
import type { GuestHardware } from '../model/guest-hardware.js';
import { type WindowsRelease, windowsRelease } from '../model/windows-release.js';

/** Where virt-v2v looks, in its order. */
const VIRTIO_WIN_PLACES = ['/usr/share/virtio-win/virtio-win.iso', '/usr/share/virtio-win'];

const DEPTH_MAX = 6;
const FOLDERS_MAX = 5_000;

/** Where the Windows drivers are, and for which releases, as far as that can be seen without opening an image. */
export type WindowsDrivers =
  | { readonly kind: 'none'; readonly places: readonly string[] }
  /** An ISO image: virt-v2v alone looks into it. */
  | { readonly kind: 'image'; readonly place: string }
  /** Folders of each disk driver, such as `viostor/2k19/amd64`, in lower case. */
  | { readonly kind: 'folder'; readonly place: string; readonly folders: readonly string[] };

export async function findWindowsDrivers(env: NodeJS.ProcessEnv): Promise<WindowsDrivers> {
  const places = env['VIRTIO_WIN'] === undefined ? VIRTIO_WIN_PLACES : [env['VIRTIO_WIN']];
  for (const place of places) {
    if (!(await exists(place))) continue;
    if (!(await stat(place)).isDirectory()) return { kind: 'image', place };
    const folders = await foldersWith('viostor.sys', place);
    if (folders.length > 0) return { kind: 'folder', place, folders };
  }
  return { kind: 'none', places };
}

/** A Windows guest that is to be converted, as far as it decides what this machine needs for it. */
export interface WindowsGuest {
  /** vSphere's guestId, such as windows2019srv_64Guest. */
  readonly guestId: string;
  readonly hardware: GuestHardware;
}

/** Why a Windows guest that gets virtio hardware would not get the drivers for it. */
export async function driverProblems({ guestId, hardware }: WindowsGuest, env: NodeJS.ProcessEnv): Promise<Diagnostic[]> {
  if (hardware.disk === 'emulated' && hardware.network === 'emulated') return [];
  const drivers = await findWindowsDrivers(env);
  const detail = missing(drivers, windowsRelease(guestId));
  return detail === undefined
    ? []
    : [
        {
          severity: 'error',
          code: 'MP2051',
          detail,
          nextSteps: [...installDrivers, 'or set spec.target.hardware: emulated (slower, needs no drivers)'],
        },
      ];
}

function missing(drivers: WindowsDrivers, wanted: WindowsRelease | undefined): string | undefined {
  const { kind } = drivers;
  switch (kind) {
    case 'none':
      return `no virtio drivers for Windows in ${drivers.places.join(' or ')}, and the server would give this guest virtio hardware`;
    case 'image':
      return undefined;
    case 'folder':
      if (wanted === undefined || drivers.folders.some((folder) => fits(folder, wanted))) return undefined;
      return `the drivers in ${drivers.place} have none for this Windows (${wanted.release}, ${wanted.architecture}), and the server would give it virtio hardware`;
  }
}

export const installDrivers = [
  'On Fedora or RHEL: dnf install virtio-win',
  'Elsewhere: set VIRTIO_WIN to virtio-win.iso or its unpacked folder',
] as const;

/** Both layouts of virtio-win: `viostor/2k19/amd64` of the image, `by-os/amd64/2k19` of the package. */
function fits(folder: string, { release, architecture }: WindowsRelease): boolean {
  const parts = folder.split('/');
  const names = architecture === 'x86' ? ['x86', 'i386'] : [architecture];
  return parts.includes(release.toLowerCase()) && names.some((name) => parts.includes(name));
}

/** The folders below `root`, in lower case, that hold a file of this name. */
async function foldersWith(name: string, root: string): Promise<string[]> {
  const found: string[] = [];
  const waiting = [{ path: root, below: '', depth: 0 }];
  for (let seen = 0; waiting.length > 0 && seen < FOLDERS_MAX; seen++) {
    const { path, below, depth } = waiting.shift()!;
    const entries: Dirent[] = await readdir(path, { withFileTypes: true }).catch(() => []);
    if (entries.some((entry) => entry.name.toLowerCase() === name)) found.push(below.toLowerCase());
    if (depth === DEPTH_MAX) continue;
    for (const entry of entries) {
      if (entry.isDirectory()) waiting.push({ path: join(path, entry.name), below: join(below, entry.name), depth: depth + 1 });
    }
  }
  return found;
}
