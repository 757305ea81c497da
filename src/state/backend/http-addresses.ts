import { DiagnosticsError } from '../../diag/diagnostic.js';
import { NAME_LENGTH_MAX, type StateName, spelled } from './http-names.js';

const NAME = '{name}';

export interface HttpStateAddresses {
  /** Of one state, with `{name}` where its name goes: `https://gitlab.example.com/api/v4/projects/42/terraform/state/migplan-{name}`. */
  readonly address: string;
  /** Of its lock. Default: the same. */
  readonly lockAddress?: string;
  /** Default: where it is locked. */
  readonly unlockAddress?: string;
}

/** Where each state and its lock are. DiagnosticsError MP3033 for an address that cannot tell states apart. */
export class StateAddresses {
  private readonly lengthMax: number;
  private readonly templates: Readonly<Record<'state' | 'lock' | 'unlock', string>>;

  constructor({ address, lockAddress = address, unlockAddress = lockAddress }: HttpStateAddresses) {
    for (const one of [address, lockAddress, unlockAddress]) if (!isUsable(one)) throw unusable(one);
    this.templates = { state: address, lock: lockAddress, unlock: unlockAddress };
    this.lengthMax = NAME_LENGTH_MAX - (segmentWithName(address).length - NAME.length);
  }

  /** For people: without a login and what is behind `?`. */
  get place(): string {
    return placeOf(new URL(this.templates.state)).replaceAll('%7Bname%7D', NAME);
  }

  /** `id`: of the lock that counts for the request. */
  url(what: 'state' | 'lock' | 'unlock', state: StateName, id?: string): URL {
    const url = new URL(this.templates[what].replaceAll(NAME, spelled(state, this.lengthMax)));
    if (id !== undefined) url.searchParams.set('ID', id);
    return url;
  }
}

/** For people: an address without login and query. */
export const placeOf = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

const isUsable = (address: string): boolean =>
  address.includes(NAME) && URL.canParse(address) && ['http:', 'https:'].includes(new URL(address).protocol);

/** GitLab takes what stands around the name there for a part of it. */
const segmentWithName = (address: string): string => address.split(/[/?]/).find((part) => part.includes(NAME)) ?? NAME;

const unusable = (address: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3033',
      detail: `the address ${URL.canParse(address) ? placeOf(new URL(address)) : 'of the state'} does not tell states apart`,
      nextSteps: ['write a URL with {name} where the name of a state goes, in spec.state of the Project'],
    },
  ]);
