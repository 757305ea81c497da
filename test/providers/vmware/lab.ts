import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVcenterSim, type VcenterSim, type WorldConfig } from '../../../lab/vcenter-sim/index.js';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import { Secret } from '../../../src/host/secret.js';
import type { VmwareConfig } from '../../../src/providers/vmware/config.js';
import { openVmware } from '../../../src/providers/vmware/index.js';
import { FastClock } from './fast-clock.js';

export const USER = 'svc-mig@vsphere.local';
export const PASSWORD = 'p&w <"pass">';
export const READER = { type: 'vddk', libdir: '/opt/vddk' } as const;

export interface VmwareLab extends AsyncDisposable {
  readonly sim: VcenterSim;
  readonly clock: FastClock;
  /** One more provider on the same simulator; closed with the lab. */
  open(config?: Partial<VmwareConfig>): Promise<SourceProvider>;
}

export type LabWorld = Omit<WorldConfig, 'users'> & Partial<Pick<WorldConfig, 'users'>>;

/** A simulated vCenter in this process, and providers that talk to it. */
export async function startVmwareLab(world: LabWorld): Promise<VmwareLab> {
  const directory = await mkdtemp(join(tmpdir(), 'vmware-lab-'));
  const sim = await startVcenterSim({ directory, config: { users: [{ name: USER, password: PASSWORD }], ...world } });
  const clock = new FastClock();
  const opened: SourceProvider[] = [];
  return {
    sim,
    clock,
    async open(config = {}) {
      const defaults = {
        name: 'vc',
        server: sim.server,
        user: USER,
        password: new Secret(PASSWORD),
        tls: { caFile: sim.caFile },
        reader: READER,
      };
      const provider = await openVmware({ ...defaults, ...config }, { clock, newId: randomUUID, random: () => 0.5 });
      opened.push(provider);
      return provider;
    },
    async [Symbol.asyncDispose]() {
      for (const provider of opened) await provider[Symbol.asyncDispose]();
      await sim.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
