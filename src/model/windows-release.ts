/** How virtio-win names the folder with the drivers of a Windows, by what vSphere calls the guest. */
const releases: readonly { readonly id: RegExp; readonly release: string }[] = [
  { id: /^windows2022srvNext/, release: '2k25' },
  { id: /^windows2019srvNext/, release: '2k22' },
  { id: /^windows2019srv/, release: '2k19' },
  { id: /^windows9Server/, release: '2k16' },
  { id: /^windows11/, release: 'w11' },
  { id: /^windows9_?(64)?Guest/, release: 'w10' },
  { id: /^windows7Server/, release: '2k8R2' },
  { id: /^windows7_?(64)?Guest/, release: 'w7' },
];

export interface WindowsRelease {
  readonly release: string;
  readonly architecture: 'amd64' | 'x86';
}

/**
 * undefined: the id stands for several releases (windows8Server64Guest is 2012 and 2012 R2), is older than any driver, or is
 * not known here: then nothing is said of its drivers before the conversion.
 */
export function windowsRelease(guestId: string): WindowsRelease | undefined {
  const found = releases.find(({ id }) => id.test(guestId));
  return found && { release: found.release, architecture: guestId.includes('64') ? 'amd64' : 'x86' };
}
