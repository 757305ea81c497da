import type { RunId } from './ids.js';

/** What a field has, as JSON says it. null: there is none. */
export type Told = string | number | boolean | null | readonly Told[] | { readonly [name: string]: Told };

/** Fields of one thing, by name. Absent: not known. Sizes are bytes. */
export type Fields = Readonly<Record<string, Told>>;

/** A VM at its source and at its target, by address: `vm/NAME`, `vm/NAME/disk/2000` (disk and volume), `vm/NAME/server`. */
export type Things = Readonly<Record<string, Fields>>;

/** What an apply left of one VM, kept so that it can be told later what others changed since. */
export interface LeftVm {
  readonly run: RunId;
  /** Id of the plan that was applied. */
  readonly plan: string;
  /** ISO time, when the run was done with the VM. */
  readonly at: string;
  readonly things: Things;
}

/** One field that is not as it was left. null: it was not there, or is not any more. */
export interface Difference {
  readonly address: string;
  /** Such as `volume_type`, `image_metadata.hw_machine_type`, `ports.ID.addresses`. */
  readonly field: string;
  readonly before: Told;
  readonly after: Told;
}
