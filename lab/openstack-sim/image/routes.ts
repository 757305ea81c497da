import { isoSeconds } from '../clock.js';
import { type Cloud, projectOf } from '../cloud.js';
import type { Token } from '../identity/model.js';
import { type AuthorizedCall, notFound, type Reply } from '../wire/message.js';
import { pageOf } from '../wire/paging.js';
import { open, type Route, secured } from '../wire/route.js';
import type { Image } from './model.js';

/** Glance v2, read only: images come from the configuration and from Nova's createImage. */
export function imageRoutes(cloud: Cloud): Route[] {
  return [
    open('GET', '/', ({ baseUrl }) => ({
      status: 300,
      body: { versions: [{ id: 'v2.15', status: 'CURRENT', links: [{ rel: 'self', href: `${baseUrl}/image/v2/` }] }] },
    })),
    secured('GET', '/v2/images', (call) => list(cloud, call)),
    secured('GET', '/v2/images/{id}', (call) => {
      const image = cloud.images.get(call.params['id'] as string);
      if (image === undefined || !isVisible(image, call.token)) throw notFound(`No image found with ID ${call.params['id']}`);
      return { status: 200, body: imageView(image) };
    }),
    secured('DELETE', '/v2/images/{id}', (call) => {
      const image = cloud.images.get(call.params['id'] as string);
      if (image?.ownerId !== projectOf(call.token).id) throw notFound(`No image found with ID ${call.params['id']}`);
      cloud.images.delete(image.id);
      return { status: 204 };
    }),
  ];
}

const isVisible = ({ ownerId }: Image, token: Token) => ownerId === undefined || ownerId === projectOf(token).id;

function list(cloud: Cloud, call: AuthorizedCall): Reply {
  const name = call.query.get('name');
  const found = [...cloud.images.values()].filter((image) => isVisible(image, call.token) && (name ?? image.name) === image.name);
  const { items, next } = pageOf(found, call, {
    pageSizeMax: cloud.config.pageSize,
    url: '/v2/images',
    markerNotFound: (marker) => notFound(`Marker ${marker} could not be found.`),
  });
  const body = {
    images: items.map(imageView),
    first: '/v2/images',
    schema: '/v2/schemas/images',
    ...(next !== undefined && { next }),
  };
  return { status: 200, body };
}

const imageView = (image: Image) => ({
  id: image.id,
  name: image.name,
  status: 'active',
  visibility: image.ownerId === undefined ? 'public' : 'private',
  owner: image.ownerId ?? null,
  container_format: 'bare',
  disk_format: 'raw',
  min_disk: 0,
  min_ram: 0,
  size: image.sizeBytes,
  checksum: image.checksum,
  protected: false,
  tags: [],
  created_at: isoSeconds(image.createdMs),
  updated_at: isoSeconds(image.createdMs),
  file: `/v2/images/${image.id}/file`,
  schema: '/v2/schemas/image',
  ...image.properties,
});
