import { VIM_DEVICES } from './types/devices.js';
import { VIM_ENUMS } from './types/enums.js';
import { VIM_FAULTS } from './types/faults.js';
import { VIM_MANAGED } from './types/managed.js';
import { VIM_METHODS } from './types/methods.js';
import { VIM_SERVICE } from './types/service.js';
import { VIM_VIRTUAL_MACHINE } from './types/virtual-machine.js';

/**
 * One element of a type, in wire order. `type` is an XSD name (`string`, `int`, `long`…), `moref`, `anyType`, an
 * enumeration or another type of the tables.
 */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly isList: boolean;
}

export interface TypeDefinition {
  readonly name: string;
  readonly base: string | undefined;
  /** Own fields after all inherited ones, as XSD extension puts them. */
  readonly fields: readonly Field[];
}

const XSD_TYPES = new Set([
  'string',
  'int',
  'long',
  'short',
  'byte',
  'boolean',
  'dateTime',
  'anyURI',
  'base64Binary',
  'float',
  'double',
]);
const enums = new Set(VIM_ENUMS.split(/\s+/).filter(Boolean));

/**
 * Reads the tables. An unindented line names a type (`Name < Base`), the indented lines below it hold its fields as
 * `name:type` with a suffix: `?` optional, `*` list of any length, `+` list that must not be empty.
 */
function parseTables(...tables: readonly string[]): Map<string, TypeDefinition> {
  const types = new Map<string, TypeDefinition>();
  for (const block of tables.join('\n').split(/\n(?=\S)/)) {
    const [head = '', ...body] = block.trim().split('\n');
    if (head === '') continue;
    const [name = '', base] = head.split(' < ');
    const inherited = base === undefined ? [] : (types.get(base)?.fields ?? []);
    types.set(name, { name, base, fields: [...inherited, ...body.join(' ').split(/\s+/).filter(Boolean).map(parseField)] });
  }
  return types;
}

function parseField(text: string): Field {
  const match = /^(\w+):(\w+)([?*+]?)$/.exec(text);
  if (match === null) throw new Error(`bad field in a type table: ${text}`);
  const [, name = '', type = '', suffix] = match;
  return { name, type, isOptional: suffix === '?' || suffix === '*', isList: suffix === '*' || suffix === '+' };
}

const types = parseTables(VIM_MANAGED, VIM_VIRTUAL_MACHINE, VIM_DEVICES, VIM_SERVICE, VIM_FAULTS);
const methods = parseTables(VIM_METHODS);

export const typeNamed = (name: string): TypeDefinition | undefined => types.get(name);
export const methodNamed = (name: string): TypeDefinition | undefined => methods.get(name);
export const isXsdType = (name: string): boolean => XSD_TYPES.has(name);
export const isEnum = (name: string): boolean => enums.has(name);

/** True when `name` is `ancestor` or derives from it. */
export function isKindOf(name: string, ancestor: string): boolean {
  for (let type = types.get(name); type !== undefined; type = type.base === undefined ? undefined : types.get(type.base)) {
    if (type.name === ancestor || type.base === ancestor) return true;
  }
  return name === ancestor;
}
