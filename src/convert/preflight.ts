import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../diag/diagnostic.js';
import { ProgramFinder } from '../host/program.js';

const VIRTIO_WIN_PLACES = ['/usr/share/virtio-win', '/usr/share/virtio-win/virtio-win.iso'];
const VIRT_TOOLS_PLACE = '/usr/share/virt-tools';
/** Either runs scripts at the first boot of a Windows guest. */
const SERVICE_PROGRAMS = ['rhsrvany.exe', 'pvvxsvc.exe'];

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

const someExist = async (paths: readonly string[]): Promise<boolean> => (await Promise.all(paths.map(exists))).includes(true);

async function windowsDrivers(env: NodeJS.ProcessEnv): Promise<Diagnostic[]> {
  const places = env['VIRTIO_WIN'] === undefined ? VIRTIO_WIN_PLACES : [env['VIRTIO_WIN']];
  if (await someExist(places)) return [];
  return [
    {
      severity: 'warning',
      code: 'MP8001',
      detail: `no virtio drivers for Windows in ${places.join(' or ')}: Windows guests would run on emulated IDE and rtl8139`,
      nextSteps: [
        'On Fedora or RHEL: dnf install virtio-win',
        'Elsewhere: set VIRTIO_WIN to virtio-win.iso or its unpacked folder',
      ],
    },
  ];
}

async function windowsTools(env: NodeJS.ProcessEnv): Promise<Diagnostic[]> {
  const folder = env['VIRT_TOOLS_DATA_DIR'] ?? VIRT_TOOLS_PLACE;
  if (await someExist(SERVICE_PROGRAMS.map((program) => join(folder, program)))) return [];
  return [
    {
      severity: 'error',
      code: 'MP8001',
      detail: `neither ${SERVICE_PROGRAMS.join(' nor ')} is in ${folder}: Windows guests with VMware Tools cannot be converted`,
      nextSteps: [
        'On Fedora or RHEL: dnf install virt-v2v (its Windows tools come along)',
        'Elsewhere: build rhsrvany and set VIRT_TOOLS_DATA_DIR to the folder of rhsrvany.exe',
      ],
    },
  ];
}

export interface ConversionPreflight {
  /** Whether a Windows guest is to be converted. */
  readonly windows: boolean;
  readonly programs?: ProgramFinder;
  readonly env?: NodeJS.ProcessEnv;
}

/** What this machine lacks for conversions. */
export async function conversionPreflight(options: ConversionPreflight): Promise<Diagnostic[]> {
  const { windows, programs = new ProgramFinder(), env = process.env } = options;
  const missing = await programs.preflight(['setpriv', 'virt-v2v-in-place', 'qemu-img', 'qemu-io']);
  if (!windows) return missing;
  return [...missing, ...(await windowsDrivers(env)), ...(await windowsTools(env))];
}
