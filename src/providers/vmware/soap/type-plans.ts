import { own } from '../../../model/own.js';
import { dataTypes } from '../wsdl/data-types.js';
import { faultTypes } from '../wsdl/fault-types.js';
import { type FieldNotation, readNotation, type TypeTable } from '../wsdl/notation.js';

const table: TypeTable = { ...dataTypes, ...faultTypes };

/** A data type with the fields of its bases, bases first. */
export interface TypePlan {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldNotation>;
  readonly manyFields: readonly string[];
  readonly requiredFields: readonly string[];
}

const plans = new Map<string, TypePlan>();

/** undefined for a type that is not in the tables. */
export function typePlan(name: string): TypePlan | undefined {
  const known = plans.get(name);
  if (known !== undefined) return known;
  const row = own(table, name);
  if (row === undefined) return undefined;
  const inherited = row.base === undefined ? [] : [...typePlan(row.base)!.fields];
  const added = Object.entries(row.fields).map(([field, notation]) => [field, readNotation(notation)] as const);
  const fields = new Map([...inherited, ...added]);
  const entries = [...fields];
  const plan = {
    name,
    fields,
    manyFields: entries.filter(([, { many }]) => many).map(([field]) => field),
    requiredFields: entries.filter(([, { many, optional }]) => !many && !optional).map(([field]) => field),
  };
  plans.set(name, plan);
  return plan;
}

/** Whether data type `name` is `ancestor` or comes from it. */
export function isSubtype(name: string, ancestor: string): boolean {
  for (let current: string | undefined = name; current !== undefined; current = own(table, current)?.base) {
    if (current === ancestor) return true;
  }
  return false;
}
