import { own } from '../../../model/own.js';
import { faultTypes } from '../wsdl/fault-types.js';
import type { TypeTable } from '../wsdl/notation.js';
import type { Vim } from '../wsdl/vim.js';

export type FaultName = keyof typeof faultTypes;

const table: TypeTable = faultTypes;

/** Whether `type` is `ancestor` or comes from it. A type that is not in the table is only itself. */
export function isFaultType(type: string, ancestor: FaultName): boolean {
  for (let current: string | undefined = type; current !== undefined; current = own(table, current)?.base) {
    if (current === ancestor) return true;
  }
  return false;
}

/**
 * vCenter said no: as the SOAP fault of a call, or as the error of a task, which carries the same typed fault.
 * Turned into a ProviderError in errors.ts, at the provider's edge.
 */
export class VimFault extends Error {
  override readonly name = 'VimFault';
  constructor(
    readonly call: string,
    readonly fault: Vim<'MethodFault'>,
    readonly text: string,
  ) {
    super(`${call}: ${fault.$type}: ${text}`);
  }

  get type(): string {
    return this.fault.$type;
  }

  /** The useful sentence ("disk ... cannot be opened because ...") often stands in faultMessage only. */
  get sentence(): string {
    const messages = this.fault.faultMessage.flatMap(({ message }) => (message === undefined || message === '' ? [] : [message]));
    return [...new Set([this.text, ...messages].map((text) => text.trim()).filter((text) => text !== ''))].join(' ');
  }

  is(ancestor: FaultName): boolean {
    return isFaultType(this.type, ancestor);
  }
}

/** The fault as its type, or undefined when the error is something else. */
export function asFault<Name extends FaultName>(error: unknown, name: Name): Vim<Name> | undefined {
  return error instanceof VimFault && error.is(name) ? (error.fault as unknown as Vim<Name>) : undefined;
}

export function isFault(error: unknown, ...names: readonly FaultName[]): boolean {
  return error instanceof VimFault && names.some((name) => error.is(name));
}
