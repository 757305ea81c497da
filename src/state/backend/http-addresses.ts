import { invariant } from '../../diag/diagnostic.js';
import { NAME_IN_ADDRESS, nameLengthMaxIn, unfitAddress } from '../../model/state-address.js';
import { type StateName, spelled } from './http-names.js';

export interface HttpStateAddresses {
  /** Of one state, with `{name}` where its name goes: `https://gitlab.example.com/api/v4/projects/42/terraform/state/{name}`. */
  readonly address: string;
  /** Of its lock. Default: the same. */
  readonly lockAddress?: string;
  /** Default: where it is locked. */
  readonly unlockAddress?: string;
  /** What the names of its states begin with: several projects can be on one server. */
  readonly project: string;
}

/** Where each state and its lock are; none of the addresses is unfit (unfitAddress). */
export class StateAddresses {
  private readonly lengthMax: number;
  private readonly project: string;
  private readonly templates: Readonly<Record<'state' | 'lock' | 'unlock', string>>;

  constructor({ address, lockAddress = address, unlockAddress = lockAddress, project }: HttpStateAddresses) {
    for (const one of [address, lockAddress, unlockAddress]) invariant(unfitAddress(one) === undefined, 'the Project was read');
    this.templates = { state: address, lock: lockAddress, unlock: unlockAddress };
    this.project = project;
    this.lengthMax = Math.min(...[address, lockAddress, unlockAddress].map(nameLengthMaxIn));
  }

  /** For people: without a login and what is behind `?`. */
  get place(): string {
    return `${placeOf(new URL(this.templates.state)).replaceAll('%7Bname%7D', NAME_IN_ADDRESS)}, project ${this.project}`;
  }

  /** `id`: of the lock that counts for the request. */
  url(what: 'state' | 'lock' | 'unlock', state: StateName, id?: string): URL {
    const url = new URL(this.templates[what].replaceAll(NAME_IN_ADDRESS, spelled(this.project, state, this.lengthMax)));
    if (id !== undefined) url.searchParams.set('ID', id);
    return url;
  }
}

/** For people: an address without login and query. */
export const placeOf = ({ origin, pathname }: URL): string => `${origin}${pathname}`;
