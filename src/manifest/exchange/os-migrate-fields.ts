/** Values of a parsed workloads.yml, which people edit: nothing of their types is taken for granted. */
export type Fields = Readonly<Record<string, unknown>>;

export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
export const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : []);
export const texts = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Volumes of a server resource, the one that it boots from first: on the first device, else the first bootable one. */
export function volumesOf(params: Fields): Fields[] {
  const volumes = list(params['volumes']);
  const isFirst = (volume: Fields): boolean =>
    list(fields(volume['_info'])['attachments']).some(({ device }) => /^\/dev\/(vd|sd|hd|xvd)a$/.test(texts(device) ?? ''));
  const boot = volumes.find(isFirst) ?? volumes.find((volume) => fields(volume['_info'])['is_bootable'] === true) ?? volumes[0];
  return boot === undefined ? [] : [boot, ...volumes.filter((volume) => volume !== boot)];
}

export function bootMetadata(params: Fields): Record<string, string> {
  const metadata = fields(fields(volumesOf(params)[0]?.['params'])['volume_image_metadata']);
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)]));
}

/** What all of them say; undefined: they say nothing, or not the same. */
export function common(values: readonly (string | undefined)[]): string | undefined {
  const said = new Set(values);
  return said.size === 1 ? values[0] : undefined;
}
