/**
 * What the destination gives a guest to boot from and to talk through. virtio: fast, and needs drivers in the guest; emulated:
 * controllers that every guest knows.
 */
export interface GuestHardware {
  readonly disk: 'virtio' | 'emulated';
  readonly network: 'virtio' | 'emulated';
}

const EMULATED_BUSES: ReadonlySet<string> = new Set(['ide', 'sata']);
const VIRTIO_MODELS: ReadonlySet<string> = new Set(['virtio', 'virtio-net']);

/** By what the boot volume says to Nova, which gives virtio unless told otherwise. */
export const guestHardwareOf = (imageMetadata: Readonly<Record<string, string>>): GuestHardware => ({
  disk: EMULATED_BUSES.has(imageMetadata['hw_disk_bus'] ?? '') ? 'emulated' : 'virtio',
  network: VIRTIO_MODELS.has(imageMetadata['hw_vif_model'] ?? 'virtio') ? 'virtio' : 'emulated',
});

/**
 * Image metadata for emulated hardware. q35 has no IDE controller, so wherever the machine may be one the disks are SATA;
 * an e1000 is known to all that Windows and Linux have been for twenty years, and is what VMware gives by default.
 */
export const emulatedImageMetadata = (family: 'pc' | undefined): Record<string, string> => ({
  hw_disk_bus: family === 'pc' ? 'ide' : 'sata',
  hw_vif_model: 'e1000',
});

export const virtioImageMetadata = { hw_disk_bus: 'virtio', hw_vif_model: 'virtio' } as const;
