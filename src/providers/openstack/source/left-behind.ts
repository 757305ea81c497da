import type { NotCarried } from '../../../model/observed-source.js';
import type { JsonCursor } from '../http/json-cursor.js';
import type { SourceDisk } from './source-disks.js';
import type { SourceNic } from './source-nics.js';
import { leftBehindOf, portProperties, serverProperties, volumeProperties } from './source-properties.js';

interface Parts {
  readonly nics: readonly SourceNic[];
  readonly disks: readonly SourceDisk[];
  /** Of the project. */
  readonly volumes: readonly JsonCursor[];
  readonly imageMetadata: Readonly<Record<string, string>>;
}

/** All that a server of a source cloud has and its copy will not have. */
export function leftBehind(server: JsonCursor, { nics, disks, volumes, imageMetadata }: Parts): NotCarried[] {
  return [
    ...leftBehindOf('server', server, serverProperties),
    ...flavorDisks(server),
    ...floatingAddresses(server),
    ...vtpm(imageMetadata),
    ...nics.flatMap(({ nic, port }) => leftBehindOf(`nic ${nic.key}`, port, portProperties)),
    ...disks.flatMap(({ disk, volume }) => {
      const answer = volumes.find((candidate) => candidate.at('id').text() === volume.id);
      return answer === undefined ? [] : leftBehindOf(`disk ${disk.key}`, answer, volumeProperties);
    }),
  ];
}

/** They lie on the compute host, and no volume holds them. */
function flavorDisks(server: JsonCursor): NotCarried[] {
  return (['ephemeral', 'swap'] as const).flatMap((property): NotCarried[] => {
    const value = server.at('flavor').at(property).brief();
    if (value === undefined || value === '0') return [];
    const unit = property === 'swap' ? 'MiB' : 'GiB';
    return [{ of: 'server', property: `${property} disk`, value: `${value} ${unit}`, note: 'its content is not copied' }];
  });
}

function floatingAddresses(server: JsonCursor): NotCarried[] {
  return server
    .at('addresses')
    .lists()
    .flat()
    .filter((entry) => entry.at('OS-EXT-IPS:type').optionalText() === 'floating')
    .map((entry) => ({
      of: 'server',
      property: 'floating address',
      value: entry.at('addr').text(),
      note: 'give the new server one of the target',
    }));
}

function vtpm(imageMetadata: Readonly<Record<string, string>>): NotCarried[] {
  const version = imageMetadata['hw_tpm_version'];
  if (version === undefined) return [];
  const note = 'the target gets an empty one: what is sealed with it, such as BitLocker keys, cannot be opened';
  return [{ of: 'server', property: 'content of the virtual TPM', value: version, note }];
}
