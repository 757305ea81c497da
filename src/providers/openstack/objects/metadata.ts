import { isProviderError } from '../../../contracts/provider-error.js';
import type { VolumeId } from '../../../model/ids.js';
import { own } from '../../../model/own.js';
import { assertPlainMetadata } from '../../../model/plain-text.js';
import type { CloudClient } from '../http/cloud-client.js';
import { invalidAnswer, notFound } from '../http/errors.js';
import { getVolume } from './get-volume.js';

type Texts = Readonly<Record<string, string>>;

/** POST merges; PUT, on the metadata or on the volume, would drop everybody else's keys and is never used. */
export async function mergeVolumeMetadata(client: CloudClient, volume: VolumeId, patch: Texts): Promise<void> {
  assertPlainMetadata(patch);
  const path = `/volumes/${volume}/metadata`;
  await client.tell({ service: 'volume', method: 'POST', path, body: { metadata: patch }, repeatable: true });
  const answer = await client.ask({ service: 'volume', method: 'GET', path });
  const written = answer.at('metadata').texts();
  const wrong = Object.keys(patch).filter((key) => own(written, key) !== own(patch, key));
  if (wrong.length > 0)
    throw invalidAnswer(client.site(`POST ${path}`), `after writing, metadata reads back differently: ${wrong.join(', ')}`);
}

export interface ImageMetadataChange {
  readonly set: Texts;
  readonly unset: readonly string[];
}

/** Image metadata can only be written through volume actions; in a create request it is dropped without a word. */
export async function writeImageMetadata(
  client: CloudClient,
  volume: VolumeId,
  { set, unset }: ImageMetadataChange,
): Promise<void> {
  assertPlainMetadata(set);
  if (Object.keys(set).length > 0) await act(client, volume, { 'os-set_image_metadata': { metadata: set } });
  for (const key of unset) await unsetImageMetadata(client, volume, key);
  const site = client.site(`POST /volumes/${volume}/action`);
  const answer = await getVolume(client, volume);
  if (answer === undefined) throw notFound(site, `volume ${volume} was deleted`);
  const written = answer.at('volume_image_metadata').texts();
  const wrong = [
    ...Object.keys(set).filter((key) => own(written, key) !== own(set, key)),
    ...unset.filter((key) => Object.hasOwn(written, key)),
  ];
  if (wrong.length > 0) throw invalidAnswer(site, `after writing, image metadata reads back differently: ${wrong.join(', ')}`);
}

export const setBootable = (client: CloudClient, volume: VolumeId, bootable: boolean): Promise<void> =>
  act(client, volume, { 'os-set_bootable': { bootable } });

/** 404 says that the key, or the volume, is not there; which one, the caller's reading back tells. */
async function unsetImageMetadata(client: CloudClient, volume: VolumeId, key: string): Promise<void> {
  try {
    await act(client, volume, { 'os-unset_image_metadata': { key } });
  } catch (error) {
    if (!isProviderError(error, 'not-found')) throw error;
  }
}

/** All actions used here set something to a value: twice is once. */
const act = (client: CloudClient, volume: VolumeId, body: object): Promise<void> =>
  client.tell({ service: 'volume', method: 'POST', path: `/volumes/${volume}/action`, body, repeatable: true });
