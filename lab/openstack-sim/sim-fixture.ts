import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudConfig } from './config.js';
import { type ConformanceClient, connectClient } from './conformance/client.js';
import { type OpenStackSim, startOpenStackSim } from './index.js';

const PASSWORD = 'lab';

/** A small cloud with the people and networks the tests talk about. */
export const exampleCloud: CloudConfig = {
  projects: [{ name: 'demo' }, { name: 'other' }, { name: 'admin' }],
  users: [
    { name: 'demo', password: PASSWORD, roles: { demo: ['member'] } },
    { name: 'reader', password: PASSWORD, roles: { demo: ['reader'] } },
    { name: 'other', password: PASSWORD, roles: { other: ['member'] } },
    { name: 'admin', password: PASSWORD, roles: { admin: ['admin'], demo: ['admin'] } },
  ],
  volumeTypes: [
    { name: 'local', default: true },
    { name: 'local-multi', multiattach: true },
    { name: 'local-luks', encrypted: true },
  ],
  flavors: [{ name: 'm1.tiny', vcpus: 1, ramMiB: 128 }],
  networks: [
    { name: 'demo-net', project: 'demo', subnets: [{ cidr: '192.168.88.0/24' }] },
    { name: 'lab-net', project: 'admin', shared: true, subnets: [{ cidr: '192.168.77.0/24' }] },
  ],
  images: [{ name: 'cirros', properties: { hw_machine_type: 'q35', os_type: 'linux' } }],
};

export interface SimFixture {
  readonly sim: OpenStackSim;
  readonly stateDir: string;
  /** A client for the user; pausing moves the frozen clock. */
  as(user: string, project?: string): Promise<ConformanceClient>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a simulator with a frozen clock in a temporary directory. */
export async function startFixture(change: Partial<CloudConfig> = {}): Promise<SimFixture> {
  const stateDir = mkdtempSync(join(tmpdir(), 'openstack-sim-'));
  const sim = await startOpenStackSim({ config: { ...exampleCloud, ...change }, stateDir, clock: 'frozen' });
  const pause = async () => sim.control.advance(50);
  return {
    sim,
    stateDir,
    as: (user, project = user === 'reader' ? 'demo' : user) =>
      connectClient({ authUrl: sim.authUrl, user, password: PASSWORD, project }, pause),
    async [Symbol.asyncDispose]() {
      await sim.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
