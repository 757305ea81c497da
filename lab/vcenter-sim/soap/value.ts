/** A managed object reference: kind and id. */
export class MoRef {
  constructor(
    readonly type: string,
    readonly value: string,
  ) {}

  static isEqual(a: MoRef | undefined, b: MoRef | undefined): boolean {
    return a?.type === b?.type && a?.value === b?.value;
  }
}

/** A value with its declared type, for places declared `anyType` such as a property's `val`. */
export class Typed {
  constructor(
    readonly type: string,
    readonly isList: boolean,
    readonly value: Value,
  ) {}
}

/** A data object; `$type` names its real type. Field order is irrelevant here: the tables give the wire order. */
export interface DataObject {
  readonly $type: string;
  readonly [field: string]: Value | undefined;
}

export type Value = string | number | boolean | Date | MoRef | Typed | DataObject | readonly Value[];

export const isDataObject = (value: Value | undefined): value is DataObject => typeof value === 'object' && '$type' in value;
