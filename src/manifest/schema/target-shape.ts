import { forms } from './forms.js';
import { choice, clearable, flag, listOf, object, recordOf, text, textOr } from './shape.js';

const addressPairShape = object(
  {
    required: { ip: text({ ...forms.addressOrCidr, description: 'Address or CIDR.' }) },
    optional: { mac: text({ ...forms.mac, description: "The port's own unless given." }) },
  },
  { description: 'One pair of addresses.' },
);

const networkShape = textOr(
  text({ description: 'Name or id of a Neutron network; skip leaves the NIC out.', maxLength: 255 }),
  object(
    {
      required: { network: text({ description: 'Name or id of a Neutron network.', maxLength: 255 }) },
      optional: {
        mac: text({
          ...forms.macChoice,
          description:
            "keep (default) carries the source NIC's MAC address over; new lets Neutron choose one; else this address.",
          default: 'keep',
        }),
        fixedIp: text({ ...forms.address, description: 'Fixed IPv4 or IPv6 address of the port.' }),
        fixedIps: listOf(text({ ...forms.address, description: 'IPv4 or IPv6 address.' }), {
          description: 'Several fixed addresses of the port, in place of fixedIp. Empty: it has none.',
        }),
        securityGroups: listOf(text({ description: 'Name or id.', maxLength: 255 }), {
          description:
            'Security groups of this port, in place of those of the server. Empty: none, so nothing may reach the port.',
        }),
        allowedAddressPairs: listOf(addressPairShape, {
          description: 'Further addresses that the port may send from, such as a virtual address that moves between servers.',
        }),
        portSecurity: flag({
          description:
            'false: no security groups and no protection against forged addresses on this port. true: both, also where the network ' +
            'has them off. Unless given: as the network has it.',
        }),
      },
    },
    { description: 'One port of the server.' },
  ),
  {
    description: 'Name or id of a Neutron network, or network, mac and fixedIp; or skip: the NIC gets no port.',
    examples: ['prod-lan', 'skip'],
  },
);

const serverShape = object(
  {
    optional: {
      flavor: text({
        description: 'Name or id of a Nova flavor. From an OpenStack cloud: that of the source server unless given.',
        examples: ['m1.large'],
        maxLength: 255,
      }),
      networks: listOf(networkShape, {
        description:
          'One entry for each NIC of the source VM, in its order; skip leaves a NIC out. Else by mapping.networks. From an OpenStack ' +
          'cloud: the same networks, MAC, fixed addresses, address pairs and port security unless given.',
        examples: [['prod-lan']],
      }),
      availabilityZone: text({
        description:
          "Nova's availability zone of the server. Default: target.availabilityZone, where both services call it the same.",
        maxLength: 255,
      }),
      name: text({ description: "Name of the Nova server; the migration's name unless given.", maxLength: 255 }),
      securityGroups: listOf(text({ description: 'Name or id.', maxLength: 255 }), {
        description:
          'Security groups of all ports. From an OpenStack cloud: those of each port of the source unless given. Else, and when empty, ' +
          'Neutron uses the project default.',
      }),
      keyName: text({ description: 'Name of a Nova key pair.', maxLength: 255 }),
      description: text({ ...forms.printable, description: 'In place of the description of the source server.' }),
      metadata: recordOf(text({ ...forms.printable, description: 'Value.' }), {
        keys: forms.metadataKey,
        description: 'Metadata of the server, in place of those of the source server. Empty: none.',
      }),
      tags: listOf(text({ ...forms.tag, description: 'One tag.' }), {
        description: 'Tags of the server, in place of those of the source server. Empty: none.',
      }),
    },
  },
  { description: 'The server created at cutover. Left out: only volumes are made.' },
);

const namesByName = (what: string) =>
  recordOf(text({ description: 'Name or id on the destination.', maxLength: 255 }), {
    keys: forms.cloudName,
    description: `${what} of the source cloud, and what they are called on the destination.`,
  });

const mappingShape = object(
  {
    optional: {
      flavors: namesByName('Flavors'),
      networks: recordOf(text({ description: 'Name or id on the destination, or skip.', maxLength: 255 }), {
        keys: forms.cloudName,
        description:
          'Networks of the source (of vSphere: port groups by name), and what they are called on the destination. skip: NICs on it ' +
          'are left out.',
      }),
      keyPairs: namesByName('Key pairs'),
      securityGroups: namesByName('Security groups'),
    },
  },
  {
    description:
      'Names of the source, and what they are called on the destination. From an OpenStack cloud: what is not listed is called the ' +
      'same there. From vSphere: port groups of all NICs, in place of target.server.networks.',
    examples: [{ flavors: { 'm1.old': 'm1.large' }, networks: { 'tenant-net': 'prod-lan', 'Backup-PG': 'skip' } }],
  },
);

export const targetShape = object(
  {
    inherited: { provider: text({ ...forms.name, description: 'Name of a provider of type openstack in the Project.' }) },
    optional: {
      volumeType: clearable(text({ description: "Cinder volume type; the cloud's default unless given.", maxLength: 255 })),
      availabilityZone: clearable(
        text({
          description:
            "Cinder's availability zone of the volumes; Nova's of the server too, unless server.availabilityZone says otherwise.",
          maxLength: 255,
        }),
      ),
      imageMetadata: clearable(
        recordOf(text({ description: 'Printable ASCII.', maxLength: 255, pattern: '^[ -~]+$', title: 'printable ASCII text' }), {
          keys: forms.imageProperty,
          description:
            'Image metadata of the boot volume, laid over what comes from the source: hw_* and os_* keys. Machine type, firmware ' +
            'and Secure Boot follow from hwMachineType and the source, and are not written here.',
          examples: [{ hw_disk_bus: 'scsi', hw_scsi_model: 'virtio-scsi' }],
        }),
      ),
      hardware: choice(['virtio', 'emulated'], {
        description:
          'Disk bus and network card of the server. virtio: fast, needs drivers in the guest, which virt-v2v installs (for Windows ' +
          'from virtio-win). emulated: IDE or SATA and e1000, which every guest knows. Unless given: the default of the destination, virtio.',
      }),
      server: clearable(serverShape),
      mapping: clearable(mappingShape),
    },
  },
  { description: 'Where the VM goes.' },
);
