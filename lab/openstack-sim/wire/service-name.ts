/** The services of the catalog; also the first part of every URL path. */
export type ServiceName = 'identity' | 'volume' | 'compute' | 'network' | 'image' | 'placement';
