import { SaxesParser, type SaxesTagNS } from 'saxes';
import { invalidRequest } from './vim-fault.js';

export const SOAP_NS = 'http://schemas.xmlsoap.org/soap/envelope/';
export const VIM_NS = 'urn:vim25';
export const XSI_NS = 'http://www.w3.org/2001/XMLSchema-instance';
export const XSD_NS = 'http://www.w3.org/2001/XMLSchema';

export interface QName {
  readonly uri: string;
  readonly local: string;
}

/** An element with everything prefixes stood for already resolved. */
export interface XmlElement extends QName {
  readonly xsiType: QName | undefined;
  readonly isNil: boolean;
  /** The un-namespaced `type` attribute of a managed object reference. */
  readonly typeAttribute: string | undefined;
  readonly children: XmlElement[];
  text: string;
  readonly line: number;
  readonly column: number;
}

/** Parses a document. A document type declaration, bad XML or an unbound prefix is an InvalidRequest fault. */
export function readXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const stack: XmlElement[] = [];
  let root: XmlElement | undefined;
  parser.on('error', (error) => {
    throw invalidRequest(`XML error: ${error.message}`);
  });
  parser.on('doctype', () => {
    throw invalidRequest('XML document: DTD is prohibited');
  });
  parser.on('opentag', (tag) => {
    const element = toElement(tag, parser);
    stack.at(-1)?.children.push(element);
    stack.push(element);
    root ??= element;
  });
  parser.on('text', (chunk) => {
    const top = stack.at(-1);
    if (top !== undefined) top.text += chunk;
  });
  parser.on('cdata', (chunk) => {
    const top = stack.at(-1);
    if (top !== undefined) top.text += chunk;
  });
  parser.on('closetag', () => {
    stack.pop();
  });
  parser.write(text).close();
  if (root === undefined) throw invalidRequest('XML error: empty document');
  return root;
}

function toElement(tag: SaxesTagNS, parser: SaxesParser<{ xmlns: true }>): XmlElement {
  const attributes = Object.values(tag.attributes);
  const xsi = (local: string) => attributes.find((attribute) => attribute.uri === XSI_NS && attribute.local === local)?.value;
  return {
    uri: tag.uri,
    local: tag.local,
    xsiType: resolveQName(xsi('type'), parser),
    isNil: ['true', '1'].includes(xsi('nil') ?? ''),
    typeAttribute: attributes.find((attribute) => attribute.uri === '' && attribute.local === 'type')?.value,
    children: [],
    text: '',
    line: parser.line,
    column: parser.column,
  };
}

/** The value of xsi:type is a QName: without a prefix it lies in the default namespace. */
function resolveQName(text: string | undefined, parser: SaxesParser<{ xmlns: true }>): QName | undefined {
  if (text === undefined) return undefined;
  const [first = '', second] = text.trim().split(':');
  const prefix = second === undefined ? '' : first;
  const uri = parser.resolve(prefix);
  if (uri === undefined) throw invalidRequest(`unbound prefix in xsi:type "${text}"`);
  return { uri, local: second ?? first };
}
