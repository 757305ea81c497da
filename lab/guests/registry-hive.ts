/** A value of a registry key. `multi` and `expand` as Windows names them; numbers are dwords, strings are text, bytes binary. */
export type RegistryValue = number | string | Uint8Array | { readonly expand: string } | { readonly multi: readonly string[] };

/** A registry key with what is below it. */
export interface RegistryKey {
  readonly keys?: Readonly<Record<string, RegistryKey>>;
  readonly values?: Readonly<Record<string, RegistryValue>>;
}

const NONE = 0xffff_ffff;
const PAGE = 4096;
const BIN_HEADER = 32;
const FILETIME = 0x01d0_0000_0000_0000n;
const ROOT_FLAGS = 0x2c;
const KEY_FLAGS = 0x20;
const INLINE = 0x8000_0000;

const utf16 = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le');

function encode(value: RegistryValue): { readonly type: number; readonly data: Buffer } {
  if (typeof value === 'string') return { type: 1, data: utf16(value) };
  if (value instanceof Uint8Array) return { type: 3, data: Buffer.from(value) };
  if (typeof value === 'number') {
    const data = Buffer.alloc(4);
    data.writeUInt32LE(value);
    return { type: 4, data };
  }
  if ('expand' in value) return { type: 2, data: utf16(value.expand) };
  return { type: 7, data: Buffer.concat([...value.multi.map(utf16), Buffer.alloc(2)]) };
}

/** The cells of a hive, one after the other; an offset counts from the start of the first bin. */
class Cells {
  private readonly parts: Buffer[] = [];
  private end = BIN_HEADER;

  /** Adds a cell; gives its offset. */
  add(content: Buffer): number {
    const size = (content.length + 4 + 7) & ~7;
    const cell = Buffer.alloc(size);
    cell.writeInt32LE(-size);
    content.copy(cell, 4);
    this.parts.push(cell);
    this.end += size;
    return this.end - size;
  }

  /** Writes into a cell that was added before. */
  patch(offset: number, at: number, value: number): void {
    let position = BIN_HEADER;
    for (const part of this.parts) {
      if (position === offset) part.writeUInt32LE(value, 4 + at);
      position += part.length;
    }
  }

  /** One bin with all cells, the rest of its last page one free cell. */
  bin(): Buffer {
    const bin = Buffer.alloc(Math.ceil((this.end + 8) / PAGE) * PAGE);
    bin.write('hbin');
    bin.writeUInt32LE(bin.length, 8);
    bin.writeBigUInt64LE(FILETIME, 20);
    Buffer.concat(this.parts).copy(bin, BIN_HEADER);
    bin.writeInt32LE(bin.length - this.end, this.end);
    return bin;
  }
}

function securityCell(): Buffer {
  const cell = Buffer.alloc(40);
  cell.write('sk');
  cell.writeUInt32LE(20, 16);
  // A self-relative descriptor that names no owner and no list.
  cell.writeUInt8(1, 20);
  cell.writeUInt16LE(0x8000, 22);
  return cell;
}

interface KeyCell {
  readonly name: string;
  readonly parent: number;
  readonly security: number;
  readonly flags: number;
}

function keyCell({ name, parent, security, flags }: KeyCell): Buffer {
  const cell = Buffer.alloc(76 + name.length);
  cell.write('nk');
  cell.writeUInt16LE(flags, 2);
  cell.writeBigUInt64LE(FILETIME, 4);
  cell.writeUInt32LE(parent, 16);
  for (const at of [28, 32, 40, 48]) cell.writeUInt32LE(NONE, at);
  cell.writeUInt32LE(security, 44);
  cell.writeUInt16LE(name.length, 72);
  cell.write(name, 76, 'latin1');
  return cell;
}

function valueCell(name: string, { type, data }: ReturnType<typeof encode>, cells: Cells): number {
  const cell = Buffer.alloc(20 + name.length);
  cell.write('vk');
  cell.writeUInt16LE(name.length, 2);
  cell.writeUInt32LE(type, 12);
  cell.writeUInt16LE(1, 16);
  cell.write(name, 20, 'latin1');
  if (data.length > 4) {
    cell.writeUInt32LE(data.length, 4);
    cell.writeUInt32LE(cells.add(data), 8);
  } else {
    cell.writeUInt32LE((data.length | INLINE) >>> 0, 4);
    data.copy(cell, 8);
  }
  return cells.add(cell);
}

const offsets = (list: readonly number[]): Buffer => {
  const cell = Buffer.alloc(4 * list.length);
  list.forEach((offset, index) => {
    cell.writeUInt32LE(offset, 4 * index);
  });
  return cell;
};

/** Subkeys in the order of their upper-case names, each with the first letters of its name as a hint. */
function subkeyList(subkeys: readonly { readonly name: string; readonly offset: number }[]): Buffer {
  const cell = Buffer.alloc(4 + 8 * subkeys.length);
  cell.write('lf');
  cell.writeUInt16LE(subkeys.length, 2);
  subkeys.forEach(({ name, offset }, index) => {
    cell.writeUInt32LE(offset, 4 + 8 * index);
    cell.write(name.slice(0, 4), 8 + 8 * index, 'latin1');
  });
  return cell;
}

const byUpperCase = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a.toUpperCase() < b.toUpperCase() ? -1 : 1;

/** Adds a key with all below it. Gives its offset and how many keys that were. */
function addKey(cells: Cells, own: KeyCell, { keys = {}, values = {} }: RegistryKey): { offset: number; count: number } {
  const offset = cells.add(keyCell(own));
  let count = 1;
  const subkeys = Object.entries(keys)
    .sort(byUpperCase)
    .map(([name, key]) => {
      const below = addKey(cells, { name, parent: offset, security: own.security, flags: KEY_FLAGS }, key);
      count += below.count;
      return { name, offset: below.offset };
    });
  if (subkeys.length > 0) {
    cells.patch(offset, 20, subkeys.length);
    cells.patch(offset, 28, cells.add(subkeyList(subkeys)));
  }
  const valueOffsets = Object.entries(values).map(([name, value]) => valueCell(name, encode(value), cells));
  if (valueOffsets.length > 0) {
    cells.patch(offset, 36, valueOffsets.length);
    cells.patch(offset, 40, cells.add(offsets(valueOffsets)));
  }
  return { offset, count };
}

function baseBlock(root: number, binsLength: number): Buffer {
  const block = Buffer.alloc(PAGE);
  block.write('regf');
  block.writeUInt32LE(1, 4);
  block.writeUInt32LE(1, 8);
  block.writeBigUInt64LE(FILETIME, 12);
  [1, 3, 0, 1, root, binsLength, 1].forEach((field, index) => {
    block.writeUInt32LE(field, 20 + 4 * index);
  });
  let checksum = 0;
  for (let at = 0; at < 508; at += 4) checksum ^= block.readUInt32LE(at);
  block.writeUInt32LE(checksum >>> 0, 508);
  return block;
}

/** A registry hive (regf 1.3) that holds a tree of keys and nothing else; what Windows keeps as SYSTEM and SOFTWARE. */
export function registryHive(tree: RegistryKey): Buffer {
  const cells = new Cells();
  const security = cells.add(securityCell());
  cells.patch(security, 4, security);
  cells.patch(security, 8, security);
  const root = addKey(cells, { name: 'ROOT', parent: NONE, security, flags: ROOT_FLAGS }, tree);
  cells.patch(security, 12, root.count);
  const bin = cells.bin();
  return Buffer.concat([baseBlock(root.offset, bin.length), bin]);
}
