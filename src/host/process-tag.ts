import { readFile } from 'node:fs/promises';
import { pidNamespace, startTicks } from './process-start.js';

const short = (decimal: string): string => Number(decimal).toString(36);

let boot: Promise<string> | undefined;

/** Of the running kernel: no two machines, and no two starts of one, have the same. '' where the system does not tell. */
export function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  return boot;
}

/** Which system this is, for as long as it is not installed anew. '' where it does not tell. */
export const machineId = (): Promise<string> =>
  readFile('/etc/machine-id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );

/** Where pids are counted the same way: the kernel, and in it the container. '' where the system does not tell. */
async function ownNamespace(): Promise<string> {
  const [kernel, namespace] = await Promise.all([bootId(), pidNamespace().catch(() => '')]);
  return kernel === '' || namespace === '' ? '' : `${kernel.slice(0, 8)}${short(namespace)}`;
}

/** Names this process among all there are, in letters, digits and dashes: for names of files that must not outlive it. */
export async function processTag(): Promise<string> {
  const [namespace, start] = await Promise.all([ownNamespace(), startTicks(process.pid)]);
  return `${namespace === '' ? 'unknown' : namespace}-${process.pid.toString(36)}-${short(start ?? '0')}`;
}

/** What is known of the process that a tag names. Nobody can look into another machine or container. */
export async function stateOfTag(tag: string): Promise<'alive' | 'dead' | 'elsewhere'> {
  const [namespace = '', pid = '', start] = tag.split('-');
  if (namespace === 'unknown' || namespace !== (await ownNamespace())) return 'elsewhere';
  const now = await startTicks(Number.parseInt(pid, 36));
  return now !== undefined && short(now) === start ? 'alive' : 'dead';
}
