import { decodeFields } from './decode.js';
import { readXml, SOAP_NS, VIM_NS } from './read-xml.js';
import { methodNamed } from './schema.js';
import type { MoRef, Value } from './value.js';
import { invalidRequest, VimFault } from './vim-fault.js';

/** A decoded call. `fields` has exactly the shape the method's table asks for, `_this` taken out. */
export interface SoapRequest {
  readonly method: string;
  readonly target: MoRef;
  readonly fields: Readonly<Record<string, Value>>;
  readonly operationId: string | undefined;
}

/** Reads an envelope: SOAP 1.1, at most one header, exactly one call in the vim25 namespace. */
export function parseRequest(body: string): SoapRequest {
  const envelope = readXml(body);
  if (envelope.local !== 'Envelope' || envelope.uri !== SOAP_NS) throw invalidRequest('the document is not a SOAP 1.1 envelope');
  const soapBody = envelope.children.find((child) => child.local === 'Body' && child.uri === SOAP_NS);
  const call = soapBody?.children[0];
  if (call === undefined || soapBody?.children.length !== 1) throw invalidRequest('the SOAP body must hold exactly one call');
  if (call.uri !== VIM_NS) throw invalidRequest(`unexpected namespace "${call.uri}" on call "${call.local}"`);
  const operationId = envelope.children[0]?.children.find((child) => child.local === 'operationID')?.text;
  const method = methodNamed(call.local);
  if (method === undefined)
    throw new VimFault('MethodNotFound', { method: call.local }, `Unable to resolve WSDL method name ${call.local}`);
  const { _this: target, ...fields } = decodeFields(call, method.fields, `call information for method ${call.local}`);
  return { method: call.local, target: target as MoRef, fields, operationId };
}

/** The method a body seems to call, also when it cannot be decoded: for the call log and the fault plan. */
export function peekMethod(body: string): string {
  return /<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(\w+)/.exec(body)?.[1] ?? 'unknown';
}

/** Accepts `urn:vim25/<version>` with a version the simulated server lists, quoted or not. */
export function checkSoapAction(header: string | undefined, versions: readonly string[]): void {
  const action = header?.replace(/^"(.*)"$/, '$1');
  const version = action === undefined ? undefined : /^urn:vim25\/(.+)$/.exec(action)?.[1];
  if (version === undefined || !versions.includes(version)) {
    throw invalidRequest(`Unsupported version URI "${action ?? ''}"`);
  }
}
