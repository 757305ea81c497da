/** Fields of the Project's spec that no overlay changes: they are read before there is one. */
export const overlayFixed: readonly string[] = ['variables', 'environments', 'include'];
