import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type LoadedProject, loadProject } from '../../src/manifest/load.js';

/** Runs `use` in a new folder with these files (relative path to text) and removes it. */
export async function inFolder<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'migplan-manifest-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const loadFiles = (files: Readonly<Record<string, string | Uint8Array>>): Promise<LoadedProject> =>
  inFolder(files, (cwd) => loadProject({ cwd, env: {} }));

/** A Project with one vCenter and one cloud; `rest` are further lines of its spec. */
export const projectText = (rest = ''): string => `apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: test}
spec:
  providers:
    vc: {type: vmware, server: vc.example.com, user: admin, password: 'env:VC_PASSWORD', reader: {type: vddk, libdir: vddk}}
    cloud: {type: openstack, access: {type: cinder}}
${rest}`;

/** One Migration; `rest` are further lines of its spec. */
export const migrationText = (name: string, rest = ''): string => `apiVersion: migplan.dev/v1alpha1
kind: Migration
metadata: {name: ${name}}
spec:
  source: {provider: vc, vm: /DC1/vm/${name}}
  target: {provider: cloud}
${rest}`;

/** Loads one manifest beside a right Project. */
export const loadSpec = (rest: string, project = projectText()): Promise<LoadedProject> =>
  loadFiles({ 'migplan.yaml': project, 'manifests/vm.yaml': migrationText('web01', rest) });
