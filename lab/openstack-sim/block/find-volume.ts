import type { Cloud } from '../cloud.js';
import { isAdmin, projectOf } from '../cloud.js';
import type { Token } from '../identity/model.js';
import { type AuthorizedCall, notFound } from '../wire/message.js';
import type { Volume } from './model.js';

export const volumeNotFound = (id: string) => notFound(`Volume ${id} could not be found.`);

/** The volume as far as the bearer may see it; another project's is 404, not 403. */
export function findVolume(cloud: Cloud, token: Token, id: string): Volume {
  const volume = cloud.block.volumes.get(id);
  if (volume === undefined) throw volumeNotFound(id);
  if (!isAdmin(token) && volume.projectId !== projectOf(token).id) throw volumeNotFound(id);
  return volume;
}

/** The volume named by `{id}` in the path. */
export const volumeOf = (cloud: Cloud, { token, params }: AuthorizedCall): Volume =>
  findVolume(cloud, token, params['id'] as string);

export const touch = (cloud: Cloud, volume: Volume): void => {
  volume.updatedMs = cloud.clock.now();
};
