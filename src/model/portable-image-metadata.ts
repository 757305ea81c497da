/** What Glance says of an image's bytes and state under such names: true of that image only. */
const ofTheImage: ReadonlySet<string> = new Set(['os_hidden', 'os_hash_algo', 'os_hash_value']);

/** hw_* and os_* describe the guest; all else (image_id, checksum, size, min_disk …) describes an image of the old cloud. */
const isPortable = (key: string): boolean =>
  /^(hw|os)_[a-z0-9_]+$/.test(key) && !ofTheImage.has(key) && !key.startsWith('os_glance_');

/** The part of a volume's image metadata that is as true on another cloud. */
export const portableImageMetadata = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => isPortable(key)));
