/**
 * libguestfs for tests: emulated, because what KVM is worth on their machine is not known, and not the question. Its kernel does
 * without what guards real processors against each other's guesses: emulated, that costs a quarter of a start. Nor does it choose other
 * addresses for each program: code that stands elsewhere is translated anew, which is a third of a conversion.
 */
export const emulatedAppliance = {
  LIBGUESTFS_BACKEND: 'direct',
  LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg',
  LIBGUESTFS_APPEND: 'mitigations=off nokaslr norandmaps',
} as const;
