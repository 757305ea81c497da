import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { runChild } from './child.js';
import { uninterrupted } from './interruption.js';
import { ProgramTimeout } from './program-timeout.js';

interface Requirement {
  readonly debian: string;
  readonly fedora: string;
  /** major, minor */
  readonly minimum?: readonly [number, number];
  readonly because?: string;
}

/** Programs we start, the packages that bring them, the oldest release that does what we need. */
export const requirements = {
  nbdkit: { debian: 'nbdkit', fedora: 'nbdkit', minimum: [1, 24], because: 'older ones lack filters that reading needs' },
  nbdcopy: {
    debian: 'libnbd-bin',
    fedora: 'libnbd',
    minimum: [1, 12],
    because: 'older ones ignore read errors and corrupt the copy (CVE-2022-0485)',
  },
  nbdinfo: { debian: 'libnbd-bin', fedora: 'libnbd', minimum: [1, 12], because: 'it must fit nbdcopy' },
  'qemu-img': { debian: 'qemu-utils', fedora: 'qemu-img' },
  'qemu-io': { debian: 'qemu-utils', fedora: 'qemu-img' },
  'qemu-storage-daemon': {
    debian: 'qemu-system-common',
    fedora: 'qemu-storage-daemon',
    minimum: [6, 0],
    because: 'older ones cannot write a pid file',
  },
  'virt-v2v-in-place': {
    debian: 'virt-v2v',
    fedora: 'virt-v2v',
    minimum: [2, 2],
    because: 'older ones cannot convert in place',
  },
  guestfish: { debian: 'guestfish', fedora: 'libguestfs' },
  od: { debian: 'coreutils', fedora: 'coreutils' },
  mkfifo: { debian: 'coreutils', fedora: 'coreutils' },
  setpriv: { debian: 'util-linux', fedora: 'util-linux' },
  bash: { debian: 'bash', fedora: 'bash' },
} as const satisfies Record<string, Requirement>;

export type ProgramName = keyof typeof requirements;

export interface FoundProgram {
  readonly path: string;
  /** As the program tells it, such as 1.32.5. */
  readonly version: string;
}

const VERSION_TIMEOUT_MS = 60_000;

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The absolute path of a program, looked up as a shell does; also in the folders that only root's PATH has. */
export async function findProgram(name: string, searchPath = process.env['PATH'] ?? ''): Promise<string | undefined> {
  if (isAbsolute(name)) return (await isExecutable(name)) ? name : undefined;
  for (const folder of [...searchPath.split(delimiter), '/usr/sbin', '/sbin']) {
    const path = join(folder, name);
    if (isAbsolute(path) && (await isExecutable(path))) return path;
  }
  return undefined;
}

/** How to get a program. */
export const packagesOf = ({ debian, fedora }: Requirement): string[] => [
  `On Debian or Ubuntu: apt-get install ${debian}`,
  `On Fedora or RHEL: dnf install ${fedora}`,
];

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  return haveMajor < major || (haveMajor === major && haveMinor < minor);
}

async function versionOf(path: string): Promise<string | undefined> {
  const { status, stdout } = await runChild({ program: path, args: ['--version'], timeoutMs: VERSION_TIMEOUT_MS }).catch(
    (error: unknown) => {
      if (error instanceof ProgramTimeout) return { status: 1, stdout: '' };
      throw error;
    },
  );
  return status === 0 ? /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] : undefined;
}

/** Finds a program and asks its version: MP8001 when it is missing, MP8002 too old, MP8003 when it does not answer. */
export async function probeProgram(name: ProgramName, searchPath?: string): Promise<FoundProgram | Diagnostic> {
  const requirement: Requirement = requirements[name];
  const nextSteps = packagesOf(requirement);
  const path = await findProgram(name, searchPath);
  if (path === undefined) return { severity: 'error', code: 'MP8001', detail: `${name} is not installed`, nextSteps };
  const version = await versionOf(path);
  if (version === undefined) {
    return { severity: 'error', code: 'MP8003', detail: `${path} --version gives no version`, nextSteps };
  }
  const { minimum, because } = requirement;
  if (minimum === undefined || !isOlder(version, minimum)) return { path, version };
  const detail = `${path} is version ${version}, ${minimum.join('.')} or newer is needed: ${because}`;
  return { severity: 'error', code: 'MP8002', detail, nextSteps };
}

export const isFound = (probe: FoundProgram | Diagnostic): probe is FoundProgram => 'path' in probe;

/** Finds programs once each and remembers them. */
export class ProgramFinder {
  private readonly probes = new Map<ProgramName, Promise<FoundProgram | Diagnostic>>();
  constructor(private readonly searchPath?: string) {}

  /** Absolute path; DiagnosticsError MP8001, MP8002 or MP8003 when it cannot be used. */
  async path(name: ProgramName): Promise<string> {
    const probe = await this.probe(name);
    if (isFound(probe)) return probe.path;
    throw new DiagnosticsError([probe]);
  }

  /** What is wrong with these programs. */
  async preflight(names: readonly ProgramName[]): Promise<Diagnostic[]> {
    const probes = await Promise.all(names.map((name) => this.probe(name)));
    return probes.filter((probe): probe is Diagnostic => !isFound(probe));
  }

  private probe(name: ProgramName): Promise<FoundProgram | Diagnostic> {
    // The answer is for all that ask, also for those that give back what was held.
    const known = this.probes.get(name) ?? uninterrupted(() => probeProgram(name, this.searchPath));
    this.probes.set(name, known);
    return known;
  }
}
