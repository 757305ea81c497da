/** Every field of a Migration, each with a value that is not what leaving it out means. */
export const fullMigration = {
  apiVersion: 'migplan.dev/v1alpha1',
  kind: 'Migration',
  metadata: { name: 'web01', labels: { app: 'web' } },
  spec: {
    source: { provider: 'vc-other', vm: '/DC1/vm/web/web01' },
    target: {
      provider: 'cloud-other',
      volumeType: 'ssd',
      availabilityZone: 'az1',
      hardware: 'emulated',
      imageMetadata: { hw_disk_bus: 'scsi' },
      server: {
        name: 'web01-new',
        flavor: 'm1.large',
        availabilityZone: 'az2',
        networks: [
          'lan',
          { network: 'dmz', mac: 'new', fixedIp: '10.0.0.4' },
          {
            network: 'cluster',
            fixedIps: ['10.0.1.4', '10.0.1.5'],
            securityGroups: ['db'],
            allowedAddressPairs: [{ ip: '10.0.1.250', mac: '00:00:5e:00:01:01' }],
          },
          { network: 'router', portSecurity: false, mac: '00:00:5e:00:01:01' },
          'skip',
        ],
        securityGroups: ['web'],
        keyName: 'ops',
        description: 'made of two',
        metadata: { owner: 'erp team' },
        tags: ['erp'],
      },
      mapping: {
        flavors: { small: 'm1.small' },
        networks: { old: 'lan' },
        keyPairs: { me: 'ops' },
        securityGroups: { web: 'www' },
      },
    },
    phase: 'cutover',
    cbtSync: false,
    cutover: true,
    hwMachineType: 'q35',
    bootDisk: 'scsi0:1',
    guestFamily: 'linux',
    limits: { delta: '10GiB', adoption: '20GiB', downtime: '20m' },
    shutdown: { timeout: '5m', force: true },
    reseed: 'once',
    adopt: true,
    finalSync: 'skip',
    verify: 'full',
    sync: { maxAge: '6h' },
    window: { cron: '0 22 * * *', duration: '6h', timezone: 'Europe/Madrid' },
  },
} as const;

/** Every field of a Project. */
export const fullProject = {
  apiVersion: 'migplan.dev/v1alpha1',
  kind: 'Project',
  metadata: { name: 'acme' },
  spec: {
    providers: {
      'vc-other': {
        type: 'vmware',
        server: 'vc02.example.com',
        user: 'env:VC_USER',
        password: 'file:secret',
        tls: { caFile: 'ca.pem' },
        reader: {
          type: 'vddk',
          libdir: 'vddk',
          nbdkit: 'bin/nbdkit',
          plugin: 'lib/vddk.so',
          transports: 'nbdssl',
          compression: 'zlib',
        },
      },
      images: { type: 'nbd', machines: ['machines'], images: ['/srv/images'], tls: { certificates: 'pki' } },
      'cloud-other': {
        type: 'openstack',
        cloud: '${var.cloud}',
        access: {
          type: 'cinder',
          rbd: { conf: 'ceph.conf', user: 'cinder' },
          local: { folders: ['volumes', '/dev/cinder-volumes'] },
          nfs: { exports: ['filer:/exports/cinder', '[2001:db8::1]:/cinder'] },
          iscsi: { portals: ['192.0.2.10:3260'] },
        },
        release: 'rhoso-18',
        machineTypes: ['pc-q35-9.2'],
        machineTypeMap: { 'pc-i440fx-7.2': 'pc' },
        addressesOnSharedNetworks: true,
        timeouts: { volume: '20m', server: '30m', clone: '48h' },
      },
      'cloud-nova': {
        type: 'openstack',
        access: {
          type: 'nova',
          server: 'conversion-host',
          byIdDir: 'by-id',
          maxVolumes: 20,
          deviceTimeout: '2m',
          detachTimeout: '10m',
          ssh: { host: 'conv1', user: 'cloud-user', port: 2222, identityFile: 'keys/conv', config: 'ssh_config', sudo: true },
        },
      },
    },
    conversionHost: { executor: 'ssh', host: 'conv1' },
    include: ['vms/*.yaml'],
    defaults: { limits: { downtime: '1h' } },
    windows: { nightly: { start: '2026-11-22T22:00:00Z', end: '2026-11-22T23:00:00Z' } },
    limits: { transfers: 4, rateFile: 'rate', batch: '1GiB' },
    variables: { cloud: { default: 'prod', description: 'Entry of clouds.yaml', type: 'string' } },
    environments: { test: { overlay: 'overlays/test.yaml', variables: { cloud: 'test' } } },
    policy: {
      environment: 'production',
      phases: { production: ['seed'] },
      cutovers: 3,
      delta: '20GiB',
      windows: { weekend: { cron: '0 22 * * 6', duration: '4h', timezone: 'Europe/Madrid' } },
      freezes: { 'year-end': { start: '2026-12-20T00:00:00Z', end: '2027-01-07T00:00:00.000Z' } },
      command: ['./check', '--strict'],
      commandTimeout: '1m',
    },
    notify: {
      on: ['finished', 'unchanged'],
      webhook: { url: 'file:webhook', timeout: '5s', caFile: 'hooks-ca.pem' },
      command: ['./tell', '--team', 'migration'],
      commandTimeout: '1m',
    },
    state: {
      type: 'pg',
      url: 'env:STATE_URL',
      password: 'file:state-password',
      schema: 'waves',
      name: 'acme-prod',
      caFile: 'state-ca.pem',
      lease: '2m',
    },
    trust: 'trust.yaml',
  },
} as const;

/** `spec.state` of another type. */
export const httpState = {
  type: 'http',
  address: 'https://states.example.com/{name}',
  lockAddress: 'https://states.example.com/{name}/lock',
  unlockAddress: 'https://states.example.com/{name}/unlock',
  lockMethod: 'POST',
  unlockMethod: 'DELETE',
  user: 'env:STATE_USER',
  password: 'file:state-password',
  name: 'acme-prod',
  caFile: 'state-ca.pem',
} as const;

export type Plain = Record<string, unknown>;

export const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Dotted paths of all fields of an object schema; the branches of a tagged one together. */
export function fieldsOf(schema: Plain, path: readonly string[] = []): string[] {
  const branches = [schema, ...((schema['oneOf'] ?? []) as Plain[])];
  const inner = branches.flatMap((branch) =>
    Object.entries((branch['properties'] ?? {}) as Record<string, Plain>).flatMap(([name, field]) => [
      [...path, name].join('.'),
      ...fieldsOf(field, [...path, name]),
    ]),
  );
  const values = isPlain(schema['additionalProperties']) ? fieldsOf(schema['additionalProperties'], [...path, '*']) : [];
  const items = isPlain(schema['items']) ? fieldsOf(schema['items'], [...path, '[]']) : [];
  return [...new Set([...inner, ...values, ...items])];
}

/** All leaves of a value: their paths. */
export function leavesOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => leavesOf(item, [...path, i]));
  if (isPlain(value)) return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  return [path];
}

/** A copy with the field at the path taken out, or set to `value`. */
export function changed(value: unknown, [step, ...rest]: readonly (string | number)[], to?: unknown): unknown {
  if (step === undefined) return to;
  if (Array.isArray(value)) {
    const at = Number(step);
    return rest.length === 0 && to === undefined ? value.toSpliced(at, 1) : value.with(at, changed(value[at], rest, to));
  }
  const { [step]: old, ...others } = value as Plain;
  return rest.length === 0 && to === undefined ? others : { ...others, [step]: changed(old, rest, to) };
}
