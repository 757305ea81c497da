const HEADER_AT = 0x80;
const FILE_BYTES = 1024;

interface Machine {
  readonly id: number;
  /** PE32+ for 64 bits. */
  readonly wide: boolean;
}

const machines = { x86_64: { id: 0x8664, wide: true }, i386: { id: 0x014c, wide: false } } as const satisfies Record<
  string,
  Machine
>;

/** Fields of the optional header that are not zero, by their place in it. They are the same ones for both widths here. */
function optionalHeader(wide: boolean): Buffer {
  const header = Buffer.alloc(wide ? 240 : 224);
  header.writeUInt16LE(wide ? 0x20b : 0x10b, 0);
  header.writeUInt32LE(0x1000, 16);
  header.writeUInt32LE(0x1000, 32);
  header.writeUInt32LE(0x200, 36);
  for (const at of [40, 48]) header.writeUInt16LE(6, at);
  header.writeUInt32LE(0x2000, 56);
  header.writeUInt32LE(0x200, 60);
  header.writeUInt16LE(3, 68);
  header.writeUInt32LE(16, wide ? 108 : 92);
  return header;
}

/** A Windows console program of which only the headers count: enough to tell the architecture, nothing to run. */
export function portableExecutable(machine: keyof typeof machines): Buffer {
  const { id, wide } = machines[machine];
  const file = Buffer.alloc(FILE_BYTES);
  const optional = optionalHeader(wide);
  file.write('MZ');
  file.writeUInt32LE(HEADER_AT, 0x3c);
  file.write('PE\0\0', HEADER_AT, 'latin1');
  file.writeUInt16LE(id, HEADER_AT + 4);
  file.writeUInt16LE(optional.length, HEADER_AT + 20);
  file.writeUInt16LE(0x22, HEADER_AT + 22);
  optional.copy(file, HEADER_AT + 24);
  return file;
}
