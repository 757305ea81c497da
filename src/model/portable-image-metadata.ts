/** Glance's own fields that look portable: they tell of the bytes and the visibility of one image. */
const ofTheImage: ReadonlySet<string> = new Set(['os_hidden', 'os_hash_algo', 'os_hash_value']);

/**
 * Whether a key of volume_image_metadata may be written to a volume of another cloud: hw_* and os_* describe virtual hardware
 * and the guest; all else (image_id, checksum, size, min_disk, signature_verified …) describes an image of the old cloud.
 */
export const isPortableImageKey = (key: string): boolean =>
  /^(hw|os)_[a-z0-9_]+$/.test(key) && !ofTheImage.has(key) && !key.startsWith('os_glance_');

/** The part of a volume's image metadata that is as true on another cloud. */
export const portableImageMetadata = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => isPortableImageKey(key)));

/** Keys that say how the guest boots: they follow from the source and from hwMachineType, and no manifest lists them. */
export const derivedImageKeys = ['hw_machine_type', 'hw_firmware_type', 'os_secure_boot'] as const;

/** What a manifest may add to a boot volume: portable, and not derived. */
export const addableImageMetadata = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(portableImageMetadata(metadata)).filter(([key]) => !(derivedImageKeys as readonly string[]).includes(key)),
  );
