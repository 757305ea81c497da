import { SOAP_NS, VIM_NS, XSD_NS, XSI_NS } from './read-xml.js';
import { isEnum, isXsdType, typeNamed } from './schema.js';
import { type DataObject, isDataObject, MoRef, Typed, type Value } from './value.js';
import type { VimFault } from './vim-fault.js';

/** The liberties a server may take with one response; clients must cope with all of them. */
export interface Dialect {
  readonly soap: string;
  readonly xsi: string;
  readonly xsd: string;
  /** Prefix of the vim25 namespace; empty means it is the default namespace of the payload. */
  readonly vim: string;
  readonly areBooleansDigits: boolean;
  readonly isZonedByOffset: boolean;
  /** xsi:type also where the declaration already says it. */
  readonly isVerbose: boolean;
}

export const PLAIN_DIALECT: Dialect = {
  soap: 'soapenv',
  xsi: 'xsi',
  xsd: 'xsd',
  vim: '',
  areBooleansDigits: false,
  isZonedByOffset: false,
  isVerbose: false,
};

const SOAP_PREFIXES = ['soapenv', 'soap', 'S', 'SOAP-ENV'];
const XSI_PREFIXES = ['xsi', 'XMLSchema-instance', 'i', 'ns2'];
const XSD_PREFIXES = ['xsd', 'xs', 'ns7'];

/** Prefixes are free choice in XML; Go servers, vpxd and proxies all choose differently. */
export function randomDialect(random: () => number): Dialect {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!;
  return {
    soap: pick(SOAP_PREFIXES),
    xsi: pick(XSI_PREFIXES),
    xsd: pick(XSD_PREFIXES),
    vim: random() < 0.3 ? pick(['vim25', 'v']) : '',
    areBooleansDigits: random() < 0.1,
    isZonedByOffset: random() < 0.3,
    isVerbose: random() < 0.3,
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Escapes, and leaves out the control characters XML cannot hold. */
export const escapeXml = (text: string): string => text.replace(ILLEGAL, '').replace(/[&<>"]/g, (char) => ESCAPES[char]!);

/** What a method returns: nothing (`undefined`) is a legal null answer. */
export interface ResultType {
  readonly type: string;
  readonly isList: boolean;
}

export function encodeResponse(
  method: string,
  result: Value | undefined,
  options: { type: ResultType | undefined; dialect: Dialect },
): string {
  const { type, dialect } = options;
  const inner = result === undefined || type === undefined ? '' : encodeField('returnval', { ...type, value: result }, dialect);
  return envelope(payload(`${method}Response`, inner, dialect), dialect);
}

export function encodeFault(fault: VimFault, dialect: Dialect): string {
  const name = qualify(`${fault.type}Fault`, dialect);
  const detail = `<${name}${vimDeclaration(dialect)} ${dialect.xsi}:type="${vimName(fault.type, dialect)}">${encodeBody(fault.toDataObject(), dialect)}</${name}>`;
  const text = `<faultcode>ServerFaultCode</faultcode><faultstring>${escapeXml(fault.message)}</faultstring><detail>${detail}</detail>`;
  return envelope(`<${dialect.soap}:Fault>${text}</${dialect.soap}:Fault>`, dialect);
}

function envelope(body: string, { soap, xsi, xsd }: Dialect): string {
  const declarations = `xmlns:${soap}="${SOAP_NS}" xmlns:${xsi}="${XSI_NS}" xmlns:${xsd}="${XSD_NS}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${soap}:Envelope ${declarations}>\n<${soap}:Body>\n${body}\n</${soap}:Body>\n</${soap}:Envelope>`;
}

function payload(name: string, inner: string, dialect: Dialect): string {
  return `<${qualify(name, dialect)}${vimDeclaration(dialect)}>${inner}</${qualify(name, dialect)}>`;
}

const qualify = (name: string, { vim }: Dialect): string => (vim === '' ? name : `${vim}:${name}`);
const vimName = qualify;
const vimDeclaration = ({ vim }: Dialect): string => (vim === '' ? ` xmlns="${VIM_NS}"` : ` xmlns:${vim}="${VIM_NS}"`);

interface Slot extends ResultType {
  readonly value: Value;
}

function encodeField(name: string, slot: Slot, dialect: Dialect): string {
  const values = slot.isList ? (slot.value as readonly Value[]) : [slot.value];
  return values.map((value) => encodeOne(name, slot.type, value, dialect)).join('');
}

function encodeOne(name: string, declared: string, value: Value, dialect: Dialect): string {
  if (declared === 'anyType') return encodeAny(name, value, dialect);
  const xsiType = isDataObject(value) && (dialect.isVerbose || value.$type !== declared) ? value.$type : undefined;
  return element(name, { xsiType, value }, dialect);
}

/** Where the declaration is anyType the real type must be on the element, and a list becomes an ArrayOf… object. */
function encodeAny(name: string, value: Value, dialect: Dialect): string {
  const typed = value instanceof Typed ? value : new Typed(inferType(value), false, value);
  if (!typed.isList) return element(name, { xsiType: realType(typed), value: typed.value }, dialect);
  const item = typed.type === 'moref' ? 'ManagedObjectReference' : typed.type;
  const arrayName = `ArrayOf${item[0]!.toUpperCase()}${item.slice(1)}`;
  const inner = encodeField(isEnum(item) || isXsdType(item) ? item : item, typed, dialect);
  const tag = qualify(name, dialect);
  return `<${tag} ${dialect.xsi}:type="${vimName(arrayName, dialect)}">${inner}</${tag}>`;
}

const realType = ({ type, value }: Typed): string =>
  isDataObject(value) ? value.$type : type === 'moref' ? 'ManagedObjectReference' : type;

function inferType(value: Value): string {
  if (value instanceof MoRef) return 'moref';
  if (value instanceof Date) return 'dateTime';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return 'int';
  return 'string';
}

function element(name: string, { xsiType, value }: { xsiType: string | undefined; value: Value }, dialect: Dialect): string {
  const tag = qualify(name, dialect);
  const typeName = xsiType === undefined ? '' : isXsdType(xsiType) ? `${dialect.xsd}:${xsiType}` : vimName(xsiType, dialect);
  const xsi = xsiType === undefined ? '' : ` ${dialect.xsi}:type="${typeName}"`;
  const moref = value instanceof MoRef ? ` type="${escapeXml(value.type)}"` : '';
  return `<${tag}${moref}${xsi}>${encodeBody(value, dialect)}</${tag}>`;
}

function encodeBody(value: Value, dialect: Dialect): string {
  if (value instanceof MoRef) return escapeXml(value.value);
  if (value instanceof Date) return dialect.isZonedByOffset ? value.toISOString().replace('Z', '000+00:00') : value.toISOString();
  if (typeof value === 'boolean') return dialect.areBooleansDigits ? String(Number(value)) : String(value);
  if (isDataObject(value)) return encodeDataObject(value, dialect);
  return escapeXml(String(value));
}

function encodeDataObject(object: DataObject, dialect: Dialect): string {
  const definition = typeNamed(object.$type);
  if (definition === undefined) throw new Error(`no type table for ${object.$type}`);
  const stray = Object.keys(object).find((key) => key !== '$type' && !definition.fields.some((field) => field.name === key));
  if (stray !== undefined) throw new Error(`${object.$type} has no field ${stray}`);
  return definition.fields
    .map((field) => {
      const value = object[field.name];
      return value === undefined ? '' : encodeField(field.name, { ...field, value }, dialect);
    })
    .join('');
}
