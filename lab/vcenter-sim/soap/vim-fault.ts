import type { DataObject, MoRef, Value } from './value.js';

/** A fault of the API. Thrown by operations; becomes a SOAP fault, or the error of a task. */
export class VimFault extends Error {
  constructor(
    readonly type: string,
    readonly fields: Readonly<Record<string, Value | undefined>> = {},
    message: string = defaultMessage(type),
  ) {
    super(message);
    this.name = 'VimFault';
  }

  toDataObject(): DataObject {
    return { $type: this.type, ...this.fields };
  }
}

function defaultMessage(type: string): string {
  return `A fault of type ${type} occurred.`;
}

export const invalidArgument = (property: string): VimFault =>
  new VimFault('InvalidArgument', { invalidProperty: property }, `A specified parameter was not correct: ${property}`);

export const invalidRequest = (message: string): VimFault => new VimFault('InvalidRequest', {}, message);

export const notFoundObject = (obj: MoRef): VimFault =>
  new VimFault(
    'ManagedObjectNotFound',
    { obj },
    `The object 'vim.${obj.type}:${obj.value}' has already been deleted or has not been completely created`,
  );
