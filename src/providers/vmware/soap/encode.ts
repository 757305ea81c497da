import { invariant } from '../../../diag/diagnostic.js';
import { Secret } from '../../../host/secret.js';
import { escapeXml } from '../../../model/xml-text.js';
import { VIM_NAMESPACE } from '../wsdl/document.js';
import { type MethodName, type Methods, methods } from '../wsdl/methods.js';
import { type FieldNotation, readNotation } from '../wsdl/notation.js';
import type { Moref, Sent, SentArguments, TypeName } from '../wsdl/vim.js';
import { isScalar } from './read-scalar.js';
import { isSubtype, typePlan } from './type-plans.js';

/** Arguments as strong-soap wants them, and the secrets whose places in the XML are held by placeholders. */
interface EncodedArguments {
  readonly body: Record<string, unknown>;
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** A value for a field that is declared as a base of `type`: goes out with xsi:type, and its fields in their namespace. */
export const subtype = <Name extends TypeName>(type: Name, value: Sent<Name>): Sent<Name> => ({ ...value, $type: type });

/**
 * Checks arguments against the tables and gives them the form strong-soap needs. An unknown key, a missing one or a wrong
 * type is a bug of ours: strong-soap would send such an element in no namespace, and vCenter would ignore it.
 */
export function encodeArguments<Name extends MethodName>(
  method: Name,
  self: Moref,
  values: SentArguments<Methods[Name]>,
): EncodedArguments {
  const secrets = new Map<string, Secret>();
  const fields = new Map<string, FieldNotation>([['_this', readNotation('moref')]]);
  for (const [name, notation] of Object.entries(methods[method].arguments)) fields.set(name, readNotation(notation));
  return { body: new Encoder(method, secrets).fields(fields, { _this: self, ...values }), secrets };
}

class Encoder {
  constructor(
    private readonly method: string,
    private readonly secrets: Map<string, Secret>,
  ) {}

  fields(fields: ReadonlyMap<string, FieldNotation>, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    for (const name of Object.keys(values)) {
      invariant(name === '$type' || fields.has(name), `${this.method}: nothing is called ${name} here`);
    }
    const encoded: Record<string, unknown> = {};
    for (const [name, notation] of fields) {
      const value = values[name];
      if (value === undefined) invariant(notation.optional || notation.many, `${this.method}: ${name} is missing`);
      else if (notation.many) encoded[name] = (value as readonly unknown[]).map((item) => this.value(name, notation, item));
      else encoded[name] = this.value(name, notation, value);
    }
    return encoded;
  }

  private value(name: string, { type }: FieldNotation, value: unknown): unknown {
    if (type === 'moref') return moref(value as Moref);
    if (type === 'secret') return this.secret(value as Secret);
    if (isScalar(type)) return this.scalar(name, type, value);
    return this.object(name, type, value as Readonly<Record<string, unknown>>);
  }

  /** Escaped here and handed over as XML: as plain text strong-soap would take `<![CDATA[` for markup of its own. */
  private scalar(name: string, type: string, value: unknown): unknown {
    const jsType = type === 'boolean' ? 'boolean' : type === 'int' || type === 'long' ? 'number' : 'string';
    const isExactLong = type === 'long' && typeof value === 'bigint';
    invariant(isExactLong || typeof value === jsType, `${this.method}: ${name} is no ${type}`);
    return { $xml: escapeXml(String(value)) };
  }

  private secret(value: Secret): unknown {
    invariant(value instanceof Secret, `${this.method}: a secret is expected`);
    const placeholder = `{secret ${this.secrets.size}}`;
    this.secrets.set(placeholder, value);
    return { $xml: placeholder };
  }

  private object(name: string, declared: string, value: Readonly<Record<string, unknown>>): unknown {
    const type = (value['$type'] as string | undefined) ?? declared;
    const plan = typePlan(type);
    invariant(plan !== undefined && isSubtype(type, declared), `${this.method}: ${name} cannot be of type ${type}`);
    const fields = this.fields(plan.fields, value);
    return type === declared ? fields : { $attributes: { $xsiType: { type, xmlns: VIM_NAMESPACE } }, ...fields };
  }
}

const moref = ({ type, value }: Moref): unknown => ({ $value: value, $attributes: { type } });
