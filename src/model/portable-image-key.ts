/** Image properties that describe virtual hardware or the guest; everything else belongs to the image it was written for. */
const portable = /^(hw|os)_[a-z0-9_]+$/;

/**
 * Glance's own fields that look portable: they tell of the bytes and the visibility of one image. What has no hw_ or os_
 * prefix (image_id, checksum, size, min_disk, signature_verified ...) is never carried.
 */
const bound: ReadonlySet<string> = new Set(['os_hash_algo', 'os_hash_value', 'os_hidden']);

/** Whether a key of volume_image_metadata may be written to a volume of another cloud. */
export const isPortableImageKey = (key: string): boolean => portable.test(key) && !bound.has(key);
