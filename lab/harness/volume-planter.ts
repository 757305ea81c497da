import type { VolumePlanter } from './planted-server.js';
import type { RealCloud } from './real-cloud.js';
import { until } from './until.js';

/** Makes volumes through the API, and what is on them behind its back. */
export function volumePlanter(cloud: RealCloud): VolumePlanter {
  return {
    async createVolume({ sizeGiB, name, fromFile = '', bootable = false, imageMetadata }) {
      const { body } = await cloud.call('volumev3', 'POST', '/volumes', { volume: { size: sizeGiB, name } });
      const { id } = body.volume as { id: string };
      const act = (action: object) => cloud.call('volumev3', 'POST', `/volumes/${id}/action`, action);
      await until('the volume', async () => (await cloud.volumes()).some((one) => one.id === id && one.status === 'available'));
      await cloud.fillVolume(id, fromFile);
      if (bootable) await act({ 'os-set_bootable': { bootable } });
      if (imageMetadata !== undefined) await act({ 'os-set_image_metadata': { metadata: imageMetadata } });
      return { id, file: fromFile };
    },
  };
}
