import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What guestfish and virt-v2v-in-place answer, for tests that are about what happens around a conversion. */
export interface ConversionStandIn {
  /** PATH with the two programs before all others, and where Windows guests get drivers and services from. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A disk that a BIOS boots: some code, an active partition, the signature. As `od -An -v -tx1` writes it. */
const bootSector = `${'fa '.repeat(446)}80 00 00 00 07 00 00 00 ${'00 '.repeat(8 + 48)}55 aa`;

const guestfish = (name: string): string => `#!/bin/sh
[ "$1" = --version ] && { echo guestfish 1.48.6; exit; }
while read -r word rest; do
  case "$word" in
  echo) echo "$rest" ;;
  -list-partitions | -inspect-os) echo /dev/sda1 ;;
  -pread-device) echo "${bootSector}" ;;
  -inspect-get-type) echo windows ;;
  -inspect-get-product-name) echo "${name}" ;;
  -inspect-get-mountpoints) echo "/: /dev/sda1" ;;
  esac
done
`;

const virtV2v = `#!/bin/sh
[ "$1" = --version ] && { echo virt-v2v-in-place 2.2.0; exit; }
echo '{"type":"message","message":"Converting the guest"}'
echo '{"type":"info","message":"This guest has virtio drivers installed."}'
`;

/** Every disk is taken for a Windows that boots by BIOS, and is converted by leaving it as it is. */
export async function makeConversionStandIn(folder: string): Promise<ConversionStandIn> {
  const programs = join(folder, 'bin');
  const drivers = join(folder, 'virtio-win', 'viostor', '2k19', 'amd64');
  const tools = join(folder, 'virt-tools');
  for (const made of [programs, drivers, tools]) await mkdir(made, { recursive: true });
  await writeFile(join(programs, 'guestfish'), guestfish('Windows Server 2019'), { mode: 0o755 });
  await writeFile(join(programs, 'virt-v2v-in-place'), virtV2v, { mode: 0o755 });
  await writeFile(join(drivers, 'viostor.sys'), '');
  await writeFile(join(tools, 'rhsrvany.exe'), '');
  return {
    environment: {
      PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`,
      VIRTIO_WIN: join(folder, 'virtio-win'),
      VIRT_TOOLS_DATA_DIR: tools,
    },
  };
}
