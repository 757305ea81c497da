import { readFile } from 'node:fs/promises';
import { arch, cpus, release, totalmem } from 'node:os';
import { isFound, type ProgramName, probeProgram, requirements } from '../../host/program.js';

/** This machine, as far as it matters: versions, and names of variables, never their values. */
export async function aboutText(version: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const names = Object.keys(requirements) as ProgramName[];
  const probes = await Promise.all(names.map(async (name) => [name, await probeProgram(name)] as const));
  const about = {
    migplan: version,
    node: process.version,
    system: await systemName(),
    kernel: `${release()} ${arch()}`,
    processors: cpus().length,
    memory_bytes: totalmem(),
    programs: Object.fromEntries(
      probes.map(([name, probe]) => [
        name,
        isFound(probe) ? { path: probe.path, version: probe.version } : { code: probe.code, problem: probe.detail },
      ]),
    ),
    variables_set: Object.keys(env).filter(matters).sort(),
  };
  return `${JSON.stringify(about, null, 2)}\n`;
}

const matters = (name: string): boolean =>
  /^(MIGPLAN_|OS_|NODE_|LIBGUESTFS_|VIRTIO_WIN|LIBVIRT_|XDG_)|_proxy$|^(PATH|HOME|TMPDIR|LANG|LC_ALL|CI|NO_COLOR)$/i.test(name);

async function systemName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'unknown';
}
