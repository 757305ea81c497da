import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.js';
import { processesWith } from './processes.js';
import type { LabProject } from './project-files.js';

/** Name of the server that stands for this machine; its first volume is what it boots from. */
export const CONVERSION_HOST = 'conversion-host';

/** What runs of these projects left in the clouds and on this machine, one line each. Empty is what it should be. */
export async function leftovers(lab: Lab, projects: readonly LabProject[]): Promise<string[]> {
  const { snapshotsNow, readersNow } = await lab.vcenter.control.stats();
  const held = (await lab.cloud.control.attachments()).filter(({ heldByNova }) => !heldByNova);
  const plugged = (await lab.cloud.control.servers()).find(({ name }) => name === CONVERSION_HOST)?.volumeIds.slice(1) ?? [];
  const here = await Promise.all(projects.map(leftHere));
  return [
    ...(snapshotsNow === 0 ? [] : [`${snapshotsNow} snapshots in vCenter`]),
    ...(readersNow === 0 ? [] : [`${readersNow} readers of source disks`]),
    ...held.map(({ id, volumeId }) => `attachment ${id} on volume ${volumeId}`),
    ...plugged.map((id) => `volume ${id} on the conversion host`),
    ...here.flat(),
  ];
}

/** The same without the clouds: processes, sockets, locks. */
export async function leftHere(project: Pick<LabProject, 'folder' | 'marker' | 'runtimeFolder'>): Promise<string[]> {
  const processes = await processesWith(project.marker);
  const runFolders = await entries(project.runtimeFolder);
  const locks = (await entries(join(project.folder, '.migplan/vms'))).filter((name) => name.includes('.lock'));
  return [
    ...processes.map(({ pid, command }) => `process ${pid} ${command}`),
    ...runFolders.map((name) => `run folder ${name}`),
    ...locks.map((name) => `lock ${name}`),
  ];
}

const entries = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
