import type { CloudConfig, HypervisorConfig, ProjectQuota, ResolvedConfig, Timings } from './config.js';

/** Cinder's and Nova's own defaults. */
export const defaultQuota: ProjectQuota = {
  volumes: 10,
  gigabytes: 1000,
  perVolumeGigabytes: -1,
  snapshots: 10,
  instances: 10,
  cores: 20,
  ramMiB: 51200,
  ports: 500,
  byVolumeType: {},
};

const defaultHypervisor: HypervisorConfig = {
  machineTypes: ['pc', 'q35', 'pc-i440fx-7.2', 'pc-i440fx-6.2', 'pc-q35-7.2', 'pc-q35-6.2'],
  guestsAnswerDetach: true,
  noValidHost: false,
  flavorsWithoutHost: [],
  hostShowsDevices: true,
  hostDeviceMissingBytes: 0,
  portConnectMs: 0,
};

const defaultTimings: Timings = {
  volumeCreateMs: 20,
  volumeDeleteMs: 20,
  snapshotCreateMs: 20,
  serverBuildMs: 40,
  serverDeleteMs: 40,
  serverStopMs: 40,
  attachMs: 20,
  detachMs: 20,
};

const defaults = {
  region: 'RegionOne',
  otherRegions: [],
  applicationCredentials: [],
  volumeTypes: [{ name: 'local', default: true }],
  availabilityZones: ['nova'],
  flavors: [{ name: 'm1.small', vcpus: 1, ramMiB: 2048 }],
  networks: [],
  securityGroups: [],
  images: [],
  keypairs: [],
  backendCapacityGiB: 10000,
  resourceFilters: 'on',
  pageSize: 1000,
  volumeOrder: 'created_at:desc',
  policies: 'old',
  evidence: {},
} as const;

/** Fills in the defaults. Throws an Error naming the field when a project, user or reference is missing. */
export function resolveConfig(config: CloudConfig): ResolvedConfig {
  const resolved: ResolvedConfig = {
    ...defaults,
    seed: config.region ?? defaults.region,
    volumeZones: config.availabilityZones ?? defaults.availabilityZones,
    ...config,
    hypervisor: { ...defaultHypervisor, ...config.hypervisor },
    timings: { ...defaultTimings, ...config.timings },
  };
  checkReferences(resolved);
  return resolved;
}

function checkReferences(config: ResolvedConfig): void {
  if (!Array.isArray(config.projects) || config.projects.length === 0) throw new Error('cloud config: projects is empty');
  if (!Array.isArray(config.users) || config.users.length === 0) throw new Error('cloud config: users is empty');
  const projects = new Set(config.projects.map((project) => project.name));
  const users = new Set(config.users.map((user) => user.name));
  const known = (set: ReadonlySet<string>, name: string, where: string) => {
    if (!set.has(name)) throw new Error(`cloud config: ${where} names ${JSON.stringify(name)}, which is not defined`);
  };
  for (const user of config.users) {
    for (const name of Object.keys(user.roles)) known(projects, name, `users[${user.name}].roles`);
  }
  for (const credential of config.applicationCredentials) {
    known(users, credential.user, `applicationCredentials[${credential.name}].user`);
    known(projects, credential.project, `applicationCredentials[${credential.name}].project`);
  }
  for (const network of config.networks) {
    if (network.project !== undefined) known(projects, network.project, `networks[${network.name}].project`);
  }
  const owner = config.conversionHost?.project;
  if (owner !== undefined) known(projects, owner, 'conversionHost.project');
  for (const group of config.securityGroups) known(projects, group.project, `securityGroups[${group.name}].project`);
}
