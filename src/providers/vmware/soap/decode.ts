import { SaxesParser, type SaxesTagNS } from 'saxes';
import { own } from '../../../model/own.js';
import { type MethodName, methods } from '../wsdl/methods.js';
import { type FieldNotation, readNotation } from '../wsdl/notation.js';
import type { Vim } from '../wsdl/vim.js';
import { TransportFailure } from './failure.js';
import { isScalar, readScalar } from './read-scalar.js';
import { type TypePlan, typePlan } from './type-plans.js';
import { VimFault } from './vim-fault.js';

const ENVELOPE_NAMESPACE = 'http://schemas.xmlsoap.org/soap/envelope/';
const XSI_NAMESPACE = 'http://www.w3.org/2001/XMLSchema-instance';
const ARRAY_PREFIX = 'ArrayOf';
/** Nothing that vCenter says is as deep; each level costs memory, and the stack of whoever walks it. */
const DEPTH_MAX = 200;

/** How the content of one element becomes a value. */
type ElementShape =
  | { readonly kind: 'object'; readonly type: string; readonly plan: TypePlan | undefined }
  | { readonly kind: 'scalar'; readonly type: string }
  | { readonly kind: 'moref'; readonly type: string }
  | { readonly kind: 'array'; readonly item: string }
  /** Of a type that is not in the tables: text, or an object of what it contains. */
  | { readonly kind: 'generic'; readonly type: string }
  | { readonly kind: 'skip' };

interface Frame {
  readonly name: string;
  readonly reading: ElementShape;
  readonly many: boolean;
  text: string;
  /** Fields of an object, or of a generic element once a child has appeared. */
  fields: Record<string, unknown> | undefined;
  items: unknown[] | undefined;
}

type Answer = { readonly kind: 'response'; readonly method: string; readonly value: unknown } | { readonly kind: 'fault' };

/**
 * Decodes one SOAP answer by the type tables: xsi:type is found by namespace URI whatever its prefix, lists are lists by
 * the table and not by count, unknown types become generic objects, fields that no table names are skipped.
 * Throws VimFault when it is a fault, TransportFailure when it is not an answer of vim25.
 */
export function decodeAnswer(xml: string, call: string): { readonly method: string; readonly value: unknown } {
  const decoder = new AnswerDecoder(call);
  const parser = new SaxesParser({ xmlns: true });
  parser.on('doctype', () => decoder.refuse('it has a document type declaration'));
  parser.on('opentag', (tag) => decoder.open(tag));
  parser.on('text', (text) => decoder.text(text));
  parser.on('cdata', (text) => decoder.text(text));
  parser.on('closetag', () => decoder.close());
  parser.on('error', (error) => decoder.refuse(`it is not well-formed XML (${error.message})`, error));
  parser.write(xml).close();
  return decoder.answer();
}

const notation: Record<MethodName, FieldNotation> = Object.fromEntries(
  Object.entries(methods).map(([name, { returns }]) => [name, readNotation(returns)]),
) as Record<MethodName, FieldNotation>;

class AnswerDecoder {
  private readonly stack: Frame[] = [];
  private depth = 0;
  private bodyChild: string | undefined;
  private isFault = false;
  private faultText = '';
  private fault: Vim<'MethodFault'> | undefined;
  private value: unknown;
  private result: Answer | undefined;

  constructor(private readonly call: string) {}

  refuse(why: string, cause?: unknown): never {
    throw new TransportFailure('unreadable', this.call, `the answer cannot be read: ${why}`, { cause });
  }

  answer(): { readonly method: string; readonly value: unknown } {
    if (this.isFault) {
      const fault = this.fault ?? { $type: 'MethodFault', faultMessage: [] };
      throw new VimFault(this.call, fault, this.faultText.trim());
    }
    if (this.result?.kind !== 'response') this.refuse('its body is empty');
    return this.result;
  }

  open(tag: SaxesTagNS): void {
    this.depth++;
    if (this.depth > DEPTH_MAX) this.refuse(`its elements are more than ${DEPTH_MAX} levels deep`);
    if (this.stack.length > 0) return this.openInside(tag);
    switch (this.depth) {
      case 1:
        return this.expectEnvelope(tag, 'Envelope');
      case 2:
        if (tag.local !== 'Header') this.expectEnvelope(tag, 'Body');
        this.bodyChild = tag.local === 'Body' ? '' : undefined;
        return;
      case 3:
        return this.openBodyChild(tag);
      default:
        return this.openReturned(tag);
    }
  }

  text(text: string): void {
    const frame = this.stack.at(-1);
    if (frame !== undefined) frame.text += text;
  }

  close(): void {
    this.depth--;
    const frame = this.stack.pop();
    if (frame === undefined) return;
    const parent = this.stack.at(-1);
    const value = this.finish(frame);
    if (parent === undefined) return this.keep(frame, value);
    if (parent.reading.kind === 'skip') return;
    if (parent.items !== undefined) {
      parent.items.push(value);
      return;
    }
    parent.fields ??= bare({});
    attach(parent.fields, frame, value);
  }

  private expectEnvelope(tag: SaxesTagNS, local: string): void {
    if (tag.uri !== ENVELOPE_NAMESPACE || tag.local !== local)
      this.refuse(`<${tag.name}> stands where soap:${local} is expected`);
  }

  private openBodyChild(tag: SaxesTagNS): void {
    if (this.bodyChild === undefined) return;
    this.bodyChild = tag.local;
    this.isFault = tag.uri === ENVELOPE_NAMESPACE && tag.local === 'Fault';
    if (!this.isFault) this.result = { kind: 'response', method: tag.local.replace(/Response$/, ''), value: undefined };
  }

  /** A child of `<XResponse>` or of `<Fault>`. */
  private openReturned(tag: SaxesTagNS): void {
    if (this.isFault) {
      if (this.depth === 4 && tag.local !== 'faultstring') return;
      if (this.depth === 4) return this.push(tag, { kind: 'scalar', type: 'string' }, false);
      return this.push(tag, this.resolve(tag, { type: 'MethodFault' }, tag.local.replace(/Fault$/, '')), false);
    }
    if (this.bodyChild === undefined || this.result?.kind !== 'response') return;
    const returns = own<FieldNotation>(notation, this.result.method);
    if (tag.local !== 'returnval' || returns === undefined || returns.type === 'void') this.push(tag, { kind: 'skip' }, false);
    else this.push(tag, this.resolve(tag, returns), returns.many);
  }

  private openInside(tag: SaxesTagNS): void {
    const { reading, many } = this.stack.at(-1)!;
    if (reading.kind === 'array') return this.push(tag, this.resolve(tag, { type: reading.item }), many);
    if (reading.kind === 'generic') return this.push(tag, this.resolve(tag, { type: 'anyType' }), false);
    if (reading.kind !== 'object') return this.push(tag, { kind: 'skip' }, false);
    const field = reading.plan?.fields.get(tag.local);
    if (field !== undefined) return this.push(tag, this.resolve(tag, field), field.many);
    // What a type that we know carries beyond the table is of no use; what an unknown type carries may be.
    const isKnown = reading.plan?.name === reading.type;
    this.push(tag, isKnown ? { kind: 'skip' } : this.resolve(tag, { type: 'anyType' }), false);
  }

  private push(tag: SaxesTagNS, reading: ElementShape, many: boolean): void {
    const fields =
      reading.kind === 'object' ? bare({ $type: reading.type }) : reading.kind === 'moref' ? { type: reading.type } : undefined;
    this.stack.push({ name: tag.local, reading, many, text: '', fields, items: reading.kind === 'array' ? [] : undefined });
  }

  private resolve(tag: SaxesTagNS, declared: { readonly type: string }, fallback?: string): ElementShape {
    let type: string | undefined;
    let kind = '';
    for (const name in tag.attributes) {
      const attribute = tag.attributes[name]!;
      if (attribute.local !== 'type') continue;
      if (attribute.uri === XSI_NAMESPACE) type = attribute.value.slice(attribute.value.indexOf(':') + 1).trim();
      else if (attribute.uri === '') kind = attribute.value;
    }
    type ??= fallback ?? declared.type;
    if (declared.type === 'moref' || type === 'ManagedObjectReference' || type === 'moref') return { kind: 'moref', type: kind };
    if (isScalar(declared.type)) return { kind: 'scalar', type: declared.type };
    if (isScalar(type)) return { kind: 'scalar', type };
    if (type.startsWith(ARRAY_PREFIX)) return { kind: 'array', item: itemType(type.slice(ARRAY_PREFIX.length)) };
    const plan = typePlan(type) ?? typePlan(declared.type);
    return plan === undefined ? { kind: 'generic', type } : { kind: 'object', type, plan };
  }

  private finish({ name, reading, text, fields, items }: Frame): unknown {
    switch (reading.kind) {
      case 'scalar':
        return readScalar(reading.type, text, this.call);
      case 'moref':
        return { type: reading.type, value: text.trim() };
      case 'array':
        return items;
      case 'generic':
        return fields === undefined ? text : Object.assign(bare({ $type: reading.type }), fields);
      case 'object':
        return this.complete(fields!, reading.plan, name);
      case 'skip':
        return undefined;
    }
  }

  private complete(fields: Record<string, unknown>, plan: TypePlan | undefined, name: string): unknown {
    for (const field of plan?.manyFields ?? []) fields[field] ??= [];
    for (const field of plan?.requiredFields ?? []) {
      if (fields[field] === undefined) this.refuse(`<${name}> of type ${plan!.name} has no ${field}`);
    }
    return fields;
  }

  /** The outermost value of a response or a fault is complete. */
  private keep(frame: Frame, value: unknown): void {
    if (this.isFault) {
      if (frame.name === 'faultstring' && this.depth === 3) this.faultText = String(value);
      else this.fault ??= value as Vim<'MethodFault'>;
      return;
    }
    if (frame.reading.kind === 'skip') return;
    if (frame.many) this.value = [...((this.value as unknown[] | undefined) ?? []), value];
    else this.value = value;
    if (this.result?.kind === 'response') this.result = { ...this.result, value: this.value };
  }
}

/** Names of elements are the server's: none of them is a member that every object has. */
const bare = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.assign(Object.create(null) as Record<string, unknown>, fields);

/** Sets a field of an object; a generic field that repeats becomes a list. */
function attach(fields: Record<string, unknown>, { name, reading, many }: Frame, value: unknown): void {
  if (reading.kind === 'skip') return;
  const present = fields[name];
  if (present === undefined) fields[name] = many ? [value] : value;
  else if (Array.isArray(present)) present.push(value);
  else fields[name] = [present, value];
}

/** ArrayOfString, ArrayOfInt ...: children are xsd scalars named in lower case. */
function itemType(name: string): string {
  const scalar = name.charAt(0).toLowerCase() + name.slice(1);
  return isScalar(scalar) ? scalar : name;
}
