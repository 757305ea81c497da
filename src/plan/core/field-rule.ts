/**
 * How a field of an action that is left to do stands to the same field of the action that was reviewed:
 * identity: it says which reviewed action this is; equal: the same, leaf by leaf; fewer: entries of a record or a list may
 * be missing, none may be new or other; within: what an interruption may have left of it, and why; derived: it is not
 * compared, because nobody decides it.
 */
export type FieldRule<Left, Reviewed> =
  | 'identity'
  | 'equal'
  | 'fewer'
  | { readonly within: (left: Left, reviewed: Reviewed) => boolean; readonly why: string }
  | { readonly derived: string };

/** Every field has a rule: one that is added to an action does not compile without. */
export type FieldRules<Left, Reviewed = Left> = { readonly [Field in keyof Left]-?: FieldRule<Left, Reviewed> };
