import { VIM_NS, type XmlElement, XSD_NS } from './read-xml.js';
import { type Field, isEnum, isKindOf, isXsdType, typeNamed } from './schema.js';
import { type DataObject, MoRef, type Value } from './value.js';
import { invalidRequest, type VimFault } from './vim-fault.js';

const INTEGER_LIMITS: Readonly<Record<string, bigint>> = { byte: 1n << 7n, short: 1n << 15n, int: 1n << 31n, long: 1n << 63n };

/**
 * Reads the children of an element by a type table, as strictly as vpxd: XSD sequences, so an unknown element, an element
 * out of order, a repeated scalar, a missing required element and a wrong namespace are all InvalidRequest.
 */
export function decodeFields(element: XmlElement, fields: readonly Field[], owner: string): Record<string, Value> {
  const result: Record<string, Value> = {};
  if (element.text.trim() !== '') throw refuse(element, `unexpected text in ${owner}`);
  let at = 0;
  for (const child of element.children) {
    const found = fields.findIndex((field, index) => index >= at && field.name === child.local);
    if (child.uri !== VIM_NS) throw refuse(child, `unexpected namespace "${child.uri}" on element "${child.local}"`);
    if (found < 0) throw refuse(child, `unexpected element tag "${child.local}" seen while parsing ${owner}`);
    const field = fields[found]!;
    requireAll(fields.slice(at, found), result, owner, element);
    const value = decodeValue(child, field.type);
    if (field.isList) result[field.name] = [...((result[field.name] as readonly Value[] | undefined) ?? []), value];
    else result[field.name] = value;
    at = field.isList ? found : found + 1;
  }
  requireAll(fields.slice(at), result, owner, element);
  return result;
}

function requireAll(fields: readonly Field[], result: Record<string, Value>, owner: string, at: XmlElement): void {
  for (const field of fields) {
    if (!field.isOptional && !(field.name in result))
      throw refuse(at, `required property ${field.name} is missing from ${owner}`);
  }
}

function decodeValue(element: XmlElement, declared: string): Value {
  if (element.isNil) throw refuse(element, `element "${element.local}" must not be nil`);
  if (declared === 'moref') return decodeMoRef(element);
  if (declared === 'anyType') return decodeAny(element);
  if (isXsdType(declared)) return decodeScalar(element, declared);
  if (isEnum(declared)) return decodeScalar(element, 'string');
  return decodeDataObject(element, declared);
}

function decodeMoRef(element: XmlElement): MoRef {
  if (element.typeAttribute === undefined) throw refuse(element, `element "${element.local}" lacks its type attribute`);
  if (element.children.length > 0) throw refuse(element, `element "${element.local}" must hold only an id`);
  return new MoRef(element.typeAttribute, element.text);
}

function decodeAny(element: XmlElement): Value {
  const type = element.xsiType;
  if (type === undefined) throw refuse(element, `element "${element.local}" needs an xsi:type`);
  if (type.uri === XSD_NS) return decodeScalar(element, type.local);
  if (type.local === 'ManagedObjectReference') return decodeMoRef(element);
  return decodeDataObject(element, type.local);
}

function decodeDataObject(element: XmlElement, declared: string): DataObject {
  const actual = element.xsiType?.local ?? declared;
  if (element.xsiType !== undefined && element.xsiType.uri !== VIM_NS) {
    throw refuse(element, `xsi:type of "${element.local}" is not in ${VIM_NS}`);
  }
  const definition = typeNamed(actual);
  if (definition === undefined || !isKindOf(actual, declared)) {
    throw refuse(element, `type ${actual} of "${element.local}" is not a ${declared}`);
  }
  return { $type: actual, ...decodeFields(element, definition.fields, `data object of type ${actual}`) };
}

function decodeScalar(element: XmlElement, type: string): Value {
  if (element.children.length > 0) throw refuse(element, `element "${element.local}" must hold only text`);
  const text = element.text;
  if (type === 'string' || type === 'anyURI' || type === 'base64Binary') return text;
  if (type === 'boolean') {
    if (['true', '1'].includes(text)) return true;
    if (['false', '0'].includes(text)) return false;
    throw refuse(element, `invalid boolean "${text}"`);
  }
  if (type in INTEGER_LIMITS) return decodeInteger(element, type);
  if (type === 'dateTime' && !Number.isNaN(Date.parse(text))) return new Date(text);
  if ((type === 'float' || type === 'double') && text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
  throw refuse(element, `invalid ${type} "${text}"`);
}

function decodeInteger(element: XmlElement, type: string): number {
  const limit = INTEGER_LIMITS[type]!;
  if (!/^[+-]?\d+$/.test(element.text)) throw refuse(element, `invalid ${type} "${element.text}"`);
  const value = BigInt(element.text);
  if (value < -limit || value >= limit) throw refuse(element, `${type} "${element.text}" out of range`);
  return Number(value);
}

function refuse(element: XmlElement, message: string): VimFault {
  return invalidRequest(`${message}, at line ${element.line}, column ${element.column}`);
}
