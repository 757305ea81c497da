import { releaseNames } from '../../model/machine-types/releases.js';
import type { ProviderType } from '../../model/provider-types.js';
import { forms } from './forms.js';
import { choice, constant, count, flag, listOf, object, recordOf, type Shape, type TypeOf, tagged, text } from './shape.js';

const secretNote = 'Never the secret itself: env:NAME, or file:/path of a file that only its owner can read (mode 0600).';
const filePath = (description: string) =>
  text({ description: `${description} A relative path starts at the project folder.`, maxLength: 4096 });

const tlsShape = object(
  {
    optional: {
      caFile: filePath('PEM file of the certificate authority that signed the vCenter certificate.'),
      thumbprint: text({ ...forms.thumbprint, description: 'Thumbprint of the vCenter certificate, when no CA can be given.' }),
    },
  },
  { description: 'What the certificate is checked against: caFile or thumbprint. Left out: the system trust store.' },
  { oneOf: [{ required: ['caFile'] }, { required: ['thumbprint'] }] },
);

const readerShape = object(
  {
    required: {
      type: choice(['vddk'], {
        description: 'How disks are read. vddk: the VMware Virtual Disk Development Kit through nbdkit.',
      }),
      libdir: filePath('Folder of the unpacked VDDK, usually named vmware-vix-disklib-distrib.'),
    },
    optional: {
      nbdkit: filePath('The nbdkit program, when it is not the one in PATH.'),
      plugin: filePath('The nbdkit vddk plugin file, when it is not the installed one.'),
      transports: text({
        title: 'list of VDDK transports with colons',
        pattern: '^[a-z]+(:[a-z]+)*$',
        description: 'VDDK transports, tried in order. Left out: VDDK chooses.',
        examples: ['nbdssl:nbd'],
      }),
      compression: choice(['none', 'zlib', 'fastlz', 'skipz'], {
        description: 'Compression between ESXi and here (nbdssl only). Helps over slow lines and costs CPU of the host.',
        default: 'none',
      }),
    },
  },
  { description: 'How the disks of this vCenter are read.' },
);

const vmwareShape = object(
  {
    required: {
      type: constant('vmware', { description: 'A vCenter.' }),
      server: text({ ...forms.host, description: 'Host name of the vCenter; no scheme and no path.' }),
      user: text({ description: 'User name, or env:NAME or file:/path to take it from there.', maxLength: 1024 }),
      password: text({ ...forms.secret, description: `Where the password is. ${secretNote}` }),
      reader: readerShape,
    },
    optional: { tls: tlsShape },
  },
  { description: 'A vCenter that VMs come from.' },
);

const rbdShape = object(
  {
    required: {
      conf: filePath('ceph.conf of the cluster.'),
      user: text({ description: 'Ceph user without client.', examples: ['cinder'] }),
    },
  },
  { description: 'How Ceph volumes are opened.' },
);

/** What a cloud's answer names must be among these: it must not choose what this machine overwrites. */
const localShape = object(
  {
    required: {
      folders: listOf(filePath('Folder with the files or devices of volumes on this machine.'), {
        description: 'Volumes that are local to this machine are opened below these folders and nowhere else.',
        examples: [['/var/lib/cinder/volumes', '/dev/cinder-volumes']],
        minItems: 1,
      }),
    },
  },
  { description: 'Volumes that are files or devices of the machine migplan runs on. Left out: none are opened.' },
);

const nfsShape = object(
  {
    required: {
      exports: listOf(
        text({
          title: 'NFS export as host:/path',
          pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[^:/\\s]+):/[^\\s]*$',
          maxLength: 1024,
          description: 'A share as Cinder names it.',
        }),
        { description: 'Shares that hold volumes.', examples: [['filer:/exports/cinder']], minItems: 1 },
      ),
    },
  },
  { description: 'How volumes on NFS are opened. Left out: none are opened.' },
);

const iscsiShape = object(
  {
    required: {
      portals: listOf(
        text({
          title: 'iSCSI portal as address:port',
          pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[^:/\\s]+):[0-9]{1,5}$',
          maxLength: 300,
          description: 'A portal as Cinder names it.',
        }),
        { description: 'Targets that serve volumes.', examples: [['192.0.2.10:3260']], minItems: 1 },
      ),
    },
  },
  { description: 'How volumes on iSCSI are opened. Left out: none are opened.' },
);

const cinderAccessShape = object(
  {
    required: { type: constant('cinder', { description: 'Volumes are attached to this host through the Attachments API.' }) },
    optional: { rbd: rbdShape, local: localShape, nfs: nfsShape, iscsi: iscsiShape },
  },
  { description: 'Directly from Cinder; no conversion server is needed.' },
);

const sshShape = object(
  {
    required: { host: text({ ...forms.sshHost, description: 'Name, address, or Host of the ssh configuration.' }) },
    optional: {
      user: text({ ...forms.sshUser, description: 'Who logs in. Left out: as the ssh configuration says.' }),
      port: count({ minimum: 1, maximum: 65_535, description: 'Port of sshd. Left out: as the ssh configuration says.' }),
      identityFile: filePath('Private key without a passphrase, when it is not in the agent or the ssh configuration.'),
      config: filePath('ssh configuration that is read in place of ~/.ssh/config and /etc/ssh/ssh_config.'),
      sudo: flag({
        description: 'Whether the user becomes root by sudo, which must not ask for a password.',
        default: false,
      }),
    },
  },
  { description: 'How the server is reached, when migplan runs elsewhere. Needs Python 3 and nbdkit there.' },
);

const novaAccessShape = object(
  {
    required: {
      type: constant('nova', {
        description:
          'Volumes are attached to a server: the one migplan runs on, or one reached by ssh. Of servers that come from this cloud, ' +
          'volumes made of their snapshots are.',
      }),
      server: text({
        description: 'Name or id of that server, which is in the project that volumes are made in, or that servers come from.',
        maxLength: 255,
      }),
    },
    optional: {
      ssh: sshShape,
      byIdDir: text({
        description: 'Folder of that server where udev makes links named for the serials of disks.',
        maxLength: 4096,
        default: '/dev/disk/by-id',
      }),
      maxVolumes: count({
        minimum: 1,
        maximum: 500,
        default: 26,
        description: 'Volumes on the server at the same time, its own included. Disks wait for each other when it is reached.',
      }),
      deviceTimeout: text({
        ...forms.duration,
        default: '1m',
        description: 'How long an attached volume may take to show as a device.',
      }),
      detachTimeout: text({
        ...forms.duration,
        default: '5m',
        description: 'How long the server may take to let go of a volume.',
      }),
    },
  },
  { description: 'Through a conversion server in the same cloud.' },
);

const accessShape = tagged<TypeOf<typeof cinderAccessShape> | TypeOf<typeof novaAccessShape>>(
  'type',
  [cinderAccessShape, novaAccessShape] as readonly Shape<TypeOf<typeof cinderAccessShape> | TypeOf<typeof novaAccessShape>>[],
  { description: 'How volumes are written, and those of an older cloud read: type cinder or nova.' },
);

const timeoutsShape = object(
  {
    optional: {
      volume: text({
        ...forms.duration,
        default: '10m',
        description:
          'Until a new volume is available. A snapshot of a server that comes from this cloud may take as long, 15m by default.',
      }),
      server: text({ ...forms.duration, default: '15m', description: 'Until a new server is ACTIVE.' }),
      clone: text({
        ...forms.duration,
        default: '24h',
        description: 'Until a volume that is made of a snapshot, to read that, is available: some back ends copy all of it.',
      }),
    },
  },
  { description: 'How long the cloud may take; on slow storage it needs more.' },
);

const openstackShape = object(
  {
    required: { type: constant('openstack', { description: 'An OpenStack cloud.' }), access: accessShape },
    optional: {
      cloud: text({
        description: 'Entry of clouds.yaml. Left out: OS_CLOUD, or the only entry.',
        examples: ['prod'],
        maxLength: 255,
      }),
      release: choice(releaseNames, {
        description:
          'What the compute hosts run. Its machine types are shipped with migplan, so a type that the cloud does not have is ' +
          'found in the plan and not when the server boots.',
      }),
      machineTypes: listOf(text({ ...forms.machineType, description: 'A QEMU machine type.' }), {
        description: 'Machine types of the compute hosts, as virsh capabilities names them; besides those of release.',
        examples: [['pc', 'q35', 'pc-i440fx-7.2']],
        minItems: 1,
      }),
      machineTypeMap: recordOf(text({ ...forms.machineType, description: 'The type that is written in its place.' }), {
        keys: forms.machineType,
        description: 'What is written in place of a machine type that this cloud spells otherwise.',
        examples: [{ 'pc-i440fx-rhel7.6.0': 'pc' }],
      }),
      addressesOnSharedNetworks: flag({
        description:
          'Whether this cloud lets its users choose MAC and fixed IP on networks that other projects share. By default ' +
          'Neutron refuses, and so does the plan.',
        default: false,
      }),
      timeouts: timeoutsShape,
    },
  },
  { description: 'A cloud that VMs go to, or servers come from.' },
);

const nbdShape = object(
  {
    required: {
      type: constant('nbd', { description: 'Machines that are off, with image files or NBD exports as disks.' }),
      machines: listOf(filePath('Machine file, or a folder in which every *.json is one.'), {
        description: 'Where the machines are described; see schemas/machine.schema.json.',
        examples: [['machines']],
        minItems: 1,
      }),
    },
    optional: {
      images: listOf(filePath('Folder.'), {
        description: 'Folders below which image files lie; no other file is opened. Left out: the folders of the machine files.',
        examples: [['/srv/images']],
        minItems: 1,
      }),
      tls: object(
        {
          required: {
            certificates: filePath(
              'Folder with ca-cert.pem, and client-cert.pem and client-key.pem where the server asks for them.',
            ),
          },
        },
        { description: 'For nbds: URIs. Left out: the system trust store.' },
      ),
    },
  },
  { description: 'Machines described by files: images of any hypervisor, or exports of an NBD server.' },
);

/** One for each type of provider. */
const shapes = {
  vmware: vmwareShape,
  openstack: openstackShape,
  nbd: nbdShape,
} as const satisfies { readonly [T in ProviderType]: Shape<{ readonly type: T }> };

type Shapes = typeof shapes;

/** A provider as the Project has it. */
export type ProviderDocument<T extends ProviderType = ProviderType> = { readonly [K in ProviderType]: TypeOf<Shapes[K]> }[T];

export const providerShape = tagged<ProviderDocument>('type', Object.values(shapes) as readonly Shape<ProviderDocument>[], {
  description: 'type vmware: a vCenter. type openstack: a cloud. type nbd: machines described by files.',
});
