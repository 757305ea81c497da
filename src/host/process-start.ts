import { readFile, readlink } from 'node:fs/promises';

/**
 * Start time of a process in clock ticks since boot, so that a pid that was given to another process is not mistaken for the
 * first; undefined when there is no such process, or it has ended and only waits to be reaped.
 * Fields 3 and 22 of /proc/PID/stat; the command name in field 2 may hold spaces and parentheses.
 */
export async function startTicks(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Number of the namespace our pids are counted in: containers may share a folder and yet not see each other's processes. */
export async function pidNamespace(): Promise<string> {
  return /\d+/.exec(await readlink('/proc/self/ns/pid'))?.[0] ?? '0';
}
