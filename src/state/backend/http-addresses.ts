import { DiagnosticsError } from '../../diag/diagnostic.js';
import { NAME_LENGTH_MAX, NAME_LENGTH_MIN, type StateName, spelled } from './http-names.js';

const NAME = '{name}';

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

/** Where each state and its lock are. DiagnosticsError MP3033 for an address that cannot tell states apart, or has a login in it. */
export class StateAddresses {
  private readonly lengthMax: number;
  private readonly project: string;
  private readonly templates: Readonly<Record<'state' | 'lock' | 'unlock', string>>;

  constructor({ address, lockAddress = address, unlockAddress = lockAddress, project }: HttpStateAddresses) {
    for (const one of [address, lockAddress, unlockAddress]) if (!isUsable(one)) throw unusable(one);
    this.templates = { state: address, lock: lockAddress, unlock: unlockAddress };
    this.project = project;
    this.lengthMax = lengthMaxIn(address);
  }

  /** For people: without a login and what is behind `?`. */
  get place(): string {
    return `${shownOf(new URL(this.templates.state))}, project ${this.project}`;
  }

  /** `id`: of the lock that counts for the request. */
  url(what: 'state' | 'lock' | 'unlock', state: StateName, id?: string): URL {
    const url = new URL(this.templates[what].replaceAll(NAME, spelled(this.project, state, this.lengthMax)));
    if (id !== undefined) url.searchParams.set('ID', id);
    return url;
  }
}

/** For people: an address without login and query. */
export const placeOf = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

const shownOf = (url: URL): string => placeOf(url).replaceAll('%7Bname%7D', NAME);

/** Whether it tells states apart, and says nothing that is to be kept from people. */
export function isUsable(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password, host, hash } = new URL(address);
  const isPlain = ['http:', 'https:'].includes(protocol) && username === '' && password === '' && hash === '';
  return isPlain && address.includes(NAME) && !host.includes('{') && lengthMaxIn(address) >= NAME_LENGTH_MIN;
}

/** Of a name there. */
const lengthMaxIn = (address: string): number => NAME_LENGTH_MAX - (segmentWithName(address).length - NAME.length);

/** GitLab takes what stands around the name there for a part of it. */
const segmentWithName = (address: string): string => address.split(/[/?]/).find((part) => part.includes(NAME)) ?? NAME;

const unusable = (address: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3033',
      detail: `the address ${URL.canParse(address) ? shownOf(new URL(address)) : 'of the state'} cannot be used`,
      nextSteps: [
        'write an http or https URL with {name} where the name of a state goes, and without a login, in spec.state of the Project',
      ],
    },
  ]);
