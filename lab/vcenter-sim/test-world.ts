import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { startVcenterSim, type VcenterSim } from './index.js';
import type { VmConfig, WorldConfig } from './world-config.js';

export const MIB = 1_048_576;

/** A vCenter with one VM, `vm-1`, of one small tracked disk. Tests say only what differs. */
export function worldWith(vm: Partial<VmConfig> = {}, world: Partial<WorldConfig> = {}): WorldConfig {
  const disks = [{ capacityBytes: 4 * MIB, content: { pattern: { seed: 7, dataRatio: 0.4 } } }];
  return {
    users: [{ name: 'admin', password: 'secret' }],
    datacenters: [
      { name: 'dc1', moref: 'datacenter-1', vms: [{ name: 'web01', moref: 'vm-1', cbtEnabled: true, disks, ...vm }] },
    ],
    ...world,
  };
}

let tlsDirectory: string | undefined;

/** Certificates are slow to make and the same for all tests of a file. */
function sharedTlsDirectory(): string {
  if (tlsDirectory !== undefined) return tlsDirectory;
  const made = mkdtempSync(join(tmpdir(), 'vcenter-sim-tls-'));
  tlsDirectory = made;
  return made;
}

afterAll(() => {
  if (tlsDirectory !== undefined) rmSync(tlsDirectory, { recursive: true, force: true });
  tlsDirectory = undefined;
});

/** Starts a simulator in a directory of its own, and removes both. */
export async function startTestSim(config: WorldConfig): Promise<VcenterSim & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'vcenter-sim-'));
  const sim = await startVcenterSim({ config, directory, tlsDirectory: sharedTlsDirectory() });
  const close = async (): Promise<void> => {
    await sim.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { ...sim, directory, close };
}
