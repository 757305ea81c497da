import type { ImageFormat } from './machine.js';

/** A machine file that has passed the schema. */
export interface MachineDocument {
  readonly name: string;
  readonly uuid?: string;
  readonly firmware: 'bios' | 'uefi';
  readonly secureBoot?: boolean;
  readonly machineType?: string;
  readonly cpus?: number;
  readonly memoryMiB?: number;
  readonly guest: 'linux' | 'windows' | 'other';
  readonly conversion: 'none' | 'virt-v2v';
  readonly disks: readonly DiskDocument[];
  readonly nics?: readonly { readonly mac: string; readonly network: string }[];
}

export interface DiskDocument {
  readonly path?: string;
  readonly uri?: string;
  readonly format: ImageFormat;
  readonly key?: number;
  readonly label?: string;
  readonly boot?: boolean;
}

const text = (description: string, more: object = {}) => ({ type: 'string', minLength: 1, maxLength: 255, description, ...more });

const disk = {
  type: 'object',
  additionalProperties: false,
  description: 'One disk.',
  required: ['format'],
  oneOf: [{ required: ['path'] }, { required: ['uri'] }],
  properties: {
    path: text('Image file, below a folder that the Project names. A relative path starts at the folder of this file.', {
      maxLength: 4096,
      examples: ['web01.qcow2'],
    }),
    uri: text('An export of an NBD server, whose bytes are those of the disk: nbd://, nbds:// or nbd+unix://.', {
      title: 'NBD URI',
      maxLength: 4096,
      pattern: '^(nbds?://[A-Za-z0-9.\\[\\]:-]+(/[^?#@\\s]*)?|nbd\\+unix:///[^?#@\\s]*\\?socket=/[^?#&@\\s]+)$',
      examples: ['nbd://192.0.2.10/web01'],
    }),
    format: {
      type: 'string',
      enum: ['raw', 'qcow2', 'vmdk'],
      description: 'What the file is read as: it is never guessed from what it holds. An NBD export is raw.',
    },
    key: {
      type: 'integer',
      minimum: 0,
      maximum: 9999,
      description: 'What the disk is known by, also when others come and go. Left out: its place in the list.',
    },
    label: text('How it is called in plans.', { examples: ['root'] }),
    boot: { type: 'boolean', default: false, description: 'The machine boots from it. Left out of all: from the first.' },
  },
};

const nic = {
  type: 'object',
  additionalProperties: false,
  description: 'One network card.',
  required: ['mac', 'network'],
  properties: {
    mac: text('Its MAC address.', {
      title: 'MAC address',
      pattern: '^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$',
      examples: ['52:54:00:12:34:56'],
    }),
    network: text('Its network, called as on the destination unless target.mapping.networks says otherwise.', {
      examples: ['prod-lan'],
    }),
  },
};

/** What editors and Ajv check a machine file against. */
export const machineSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'migplan machine',
  description: 'A machine that is off, with its disks as image files or NBD exports, for a provider of type nbd.',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'firmware', 'guest', 'conversion', 'disks'],
  properties: {
    $schema: text('Where an editor finds this schema.', { maxLength: 4096 }),
    name: text('What manifests call it: source.server.', {
      title: 'name of letters, digits, dots, dashes and underscores',
      maxLength: 80,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
      examples: ['web01'],
    }),
    uuid: text('Its identity, by which its volumes are known again. Left out: it follows from the provider and the name.', {
      title: 'UUID',
      pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$',
      examples: ['4c4c4544-0051-3510-8052-b4c04f4e3132'],
    }),
    firmware: { type: 'string', enum: ['bios', 'uefi'], description: 'What its guest was installed with.' },
    secureBoot: { type: 'boolean', default: false, description: 'Whether UEFI checks signatures.' },
    machineType: text("QEMU's name of the machine that it ran on, for hwMachineType: preserve without a conversion.", {
      title: 'machine type',
      maxLength: 64,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
      examples: ['pc-q35-7.2'],
    }),
    cpus: { type: 'integer', minimum: 1, maximum: 1024, description: 'Processors; a flavor with less is told.' },
    memoryMiB: { type: 'integer', minimum: 1, maximum: 67_108_864, description: 'Memory in MiB; a flavor with less is told.' },
    guest: { type: 'string', enum: ['linux', 'windows', 'other'], description: 'Its operating system.' },
    conversion: {
      type: 'string',
      enum: ['none', 'virt-v2v'],
      description: 'none: it runs on KVM as it is, and is copied. virt-v2v: it comes from another hypervisor.',
    },
    disks: { type: 'array', minItems: 1, items: disk, description: 'Its disks, as the guest numbers them.' },
    nics: { type: 'array', items: nic, description: 'Its network cards.' },
  },
} as const;
