import { join } from 'node:path';
import type { Diagnostic } from '../diag/diagnostic.js';
import { exists } from '../host/files.js';
import { ProgramFinder } from '../host/program.js';
import { driverProblems, findWindowsDrivers, installDrivers, type WindowsGuest } from './windows-drivers.js';

const VIRT_TOOLS_PLACE = '/usr/share/virt-tools';
/** Either runs scripts at the first boot of a Windows guest. */
const SERVICE_PROGRAMS = ['rhsrvany.exe', 'pvvxsvc.exe'];

const someExist = async (paths: readonly string[]): Promise<boolean> => (await Promise.all(paths.map(exists))).includes(true);

/** For a machine that no Windows guest is planned on yet, it is worth knowing only. */
async function windowsDrivers(env: NodeJS.ProcessEnv): Promise<Diagnostic[]> {
  const drivers = await findWindowsDrivers(env);
  if (drivers.kind !== 'none') return [];
  return [
    {
      severity: 'warning',
      code: 'MP8001',
      detail: `no virtio drivers for Windows in ${drivers.places.join(' or ')}: Windows guests can be given emulated hardware only`,
      nextSteps: [...installDrivers],
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
  /** Whether to look for what Windows guests need. */
  readonly windows: boolean;
  readonly programs?: ProgramFinder;
  readonly env?: NodeJS.ProcessEnv;
}

const conversionPrograms = ['setpriv', 'virt-v2v-in-place', 'guestfish', 'od', 'qemu-img', 'qemu-io'] as const;

/** What this machine lacks for conversions. */
export async function conversionPreflight(options: ConversionPreflight): Promise<Diagnostic[]> {
  const { windows, programs = new ProgramFinder(), env = process.env } = options;
  const missing = await programs.preflight(conversionPrograms);
  if (!windows) return missing;
  return [...missing, ...(await anyWindowsPreflight(env))];
}

/** What this machine lacks for the Windows guests that may come. */
export const anyWindowsPreflight = async (env: NodeJS.ProcessEnv = process.env): Promise<Diagnostic[]> => [
  ...(await windowsDrivers(env)),
  ...(await windowsTools(env)),
];

/** What this machine lacks for one Windows guest: every finding is an error, because without it a dead guest is made. */
export const windowsPreflight = async (guest: WindowsGuest, env: NodeJS.ProcessEnv = process.env): Promise<Diagnostic[]> => [
  ...(await driverProblems(guest, env)),
  ...(await windowsTools(env)),
];
