declare const brand: unique symbol;

/** A nominal type: costs nothing at run time, stops a VolumeId being passed where a SnapshotRef is wanted. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
