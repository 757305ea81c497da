import { dataTypes } from './data-types.js';
import { methods } from './methods.js';
import { readNotation, type TypeTable } from './notation.js';

/** Namespace of every element of a request's body. */
export const VIM_NAMESPACE = 'urn:vim25';
/**
 * API version that calls are made in. vSphere 6.7 and every later release offer it; a newer server then sends a type that
 * 6.7 does not know as its nearest ancestor, so nothing arrives that we have never seen.
 */
const API_VERSION = '6.7';
export const SOAP_ACTION = `${VIM_NAMESPACE}/${API_VERSION}`;

const XSD_TYPES: Readonly<Record<string, string>> = { moref: 'vim25:ManagedObjectReference', secret: 'xsd:string' };
const XSD_SCALARS = new Set(['string', 'boolean', 'int', 'long', 'dateTime', 'anyType']);
const table: TypeTable = dataTypes;

const xsdType = (type: string): string => XSD_TYPES[type] ?? (XSD_SCALARS.has(type) ? `xsd:${type}` : `vim25:${type}`);

function element(name: string, notation: string): string {
  const { type, many, optional } = readNotation(notation);
  const occurs = many ? ' minOccurs="0" maxOccurs="unbounded"' : optional ? ' minOccurs="0"' : '';
  return `<element name="${name}" type="${xsdType(type)}"${occurs}/>`;
}

function sequence(fields: Readonly<Record<string, string>>): string {
  return `<sequence>${Object.entries(fields)
    .map(([name, notation]) => element(name, notation))
    .join('')}</sequence>`;
}

function complexType(name: string): string {
  const { base, fields } = table[name]!;
  const content =
    base === undefined
      ? sequence(fields)
      : `<complexContent><extension base="vim25:${base}">${sequence(fields)}</extension></complexContent>`;
  return `<complexType name="${name}">${content}</complexType>`;
}

/** Data types a request can carry: those its fields name, their bases and their subtypes. */
function sentTypes(): string[] {
  const sent = new Set<string>();
  const add = (name: string): void => {
    const row = table[name];
    if (row === undefined || sent.has(name)) return;
    sent.add(name);
    if (row.base !== undefined) add(row.base);
    for (const notation of Object.values(row.fields)) add(readNotation(notation).type);
    for (const [subtype, { base }] of Object.entries(table)) if (base === name) add(subtype);
  };
  for (const method of Object.values(methods))
    for (const notation of Object.values(method.arguments)) add(readNotation(notation).type);
  return [...sent];
}

function operationParts(name: string, fields: Readonly<Record<string, string>>) {
  const request = sequence({ _this: 'moref', ...fields });
  return {
    elements:
      `<element name="${name}"><complexType>${request}</complexType></element>` +
      `<element name="${name}Response"><complexType><sequence/></complexType></element>`,
    messages:
      `<message name="${name}In"><part name="parameters" element="vim25:${name}"/></message>` +
      `<message name="${name}Out"><part name="parameters" element="vim25:${name}Response"/></message>`,
    port: `<operation name="${name}"><input message="vim25:${name}In"/><output message="vim25:${name}Out"/></operation>`,
    binding:
      `<operation name="${name}"><soap:operation soapAction="${SOAP_ACTION}" style="document"/>` +
      '<input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>',
  };
}

/**
 * The WSDL that requests are built from, made from the tables. It describes requests only: answers are decoded by the
 * tables themselves (soap/decode.ts), so the response elements are empty here.
 */
export function wsdlDocument(endpoint: string): string {
  const parts = Object.entries(methods).map(([name, method]) => operationParts(name, method.arguments));
  const all = (part: keyof (typeof parts)[number]): string => parts.map((operation) => operation[part]).join('');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<definitions targetNamespace="${VIM_NAMESPACE}" xmlns="http://schemas.xmlsoap.org/wsdl/"`,
    ` xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:vim25="${VIM_NAMESPACE}" xmlns:xsd="http://www.w3.org/2001/XMLSchema">`,
    `<types><schema targetNamespace="${VIM_NAMESPACE}" xmlns="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">`,
    '<complexType name="ManagedObjectReference"><simpleContent><extension base="xsd:string">',
    '<attribute name="type" type="xsd:string"/></extension></simpleContent></complexType>',
    '<element name="operationID" type="xsd:string"/>',
    sentTypes().map(complexType).join(''),
    all('elements'),
    '</schema></types>',
    all('messages'),
    `<portType name="VimPortType">${all('port')}</portType>`,
    '<binding name="VimBinding" type="vim25:VimPortType">',
    '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>',
    `${all('binding')}</binding>`,
    `<service name="VimService"><port name="VimPort" binding="vim25:VimBinding"><soap:address location="${endpoint}"/></port></service>`,
    '</definitions>',
  ].join('');
}
