import type { SimClock } from './clock.js';
import { randomUuid } from './prng.js';
import { type DataObject, MoRef } from './soap/value.js';
import { VimFault } from './soap/vim-fault.js';
import type { PermissionConfig, SessionConfig } from './world-config.js';

const IDLE_MS = 30 * 60_000;
const LIMIT_DEFAULT = 100;

export const COOKIE_NAME = 'vmware_soap_session';

/** An account with its password resolved. */
export interface Account {
  readonly name: string;
  readonly password: string;
  deniedPrivileges: readonly string[];
  permissions?: readonly PermissionConfig[];
  readonly unreadableProperties?: readonly string[];
}

export interface ContainerView {
  readonly ref: MoRef;
  readonly container: MoRef;
  readonly types: readonly string[];
  readonly isRecursive: boolean;
}

/** A login. Views and paging tokens die with it; tasks and snapshots do not. */
export interface Session {
  readonly key: string;
  readonly cookie: string;
  readonly account: Account;
  readonly loginTime: Date;
  readonly userAgent: string;
  readonly views: Map<string, ContainerView>;
  /** Remaining objects of an unfinished listing, by token. */
  readonly pages: Map<string, readonly DataObject[]>;
  lastActiveTime: Date;
  callCount: number;
}

/** Thrown when no further session fits: vCenter's front end answers with HTTP 503, not with a fault. */
export class OutOfSessions extends Error {}

export class Sessions {
  private readonly byCookie = new Map<string, Session>();

  constructor(
    private readonly options: {
      readonly accounts: readonly Account[];
      readonly config: SessionConfig;
      readonly clock: SimClock;
      readonly random: () => number;
    },
  ) {}

  /** A cookie for a client that has none yet; it stands for no login. */
  newCookie(): string {
    return `"${randomUuid(this.options.random)}"`;
  }

  /** Gives the account, or the InvalidLogin fault. */
  authenticate(userName: string, password: string): Account {
    const account = this.options.accounts.find((one) => one.name.toLowerCase() === userName.toLowerCase());
    if (account === undefined || account.password !== password) {
      throw new VimFault('InvalidLogin', {}, 'Cannot complete login due to an incorrect user name or password.');
    }
    return account;
  }

  /** Takes effect at once, for sessions that there are, too. */
  setUser(name: string, change: Partial<Pick<Account, 'deniedPrivileges' | 'permissions'>>): void {
    const account = this.options.accounts.find((one) => one.name === name);
    if (account === undefined) throw new Error(`no user "${name}"`);
    Object.assign(account, change);
  }

  login(request: { userName: string; password: string; userAgent: string }): Session {
    const account = this.authenticate(request.userName, request.password);
    if (this.all().length >= (this.options.config.limit ?? LIMIT_DEFAULT)) throw new OutOfSessions('no session left');
    const now = this.options.clock.now();
    const session: Session = {
      key: randomUuid(this.options.random),
      cookie: this.newCookie(),
      account,
      loginTime: now,
      lastActiveTime: now,
      userAgent: request.userAgent,
      views: new Map(),
      pages: new Map(),
      callCount: 0,
    };
    this.byCookie.set(session.cookie, session);
    return session;
  }

  /** The session of a request's Cookie header. The value must come back byte for byte, quotes included. */
  find(cookieHeader: string | undefined): Session | undefined {
    const value = cookieHeader
      ?.split(';')
      .map((part) => part.trim())
      .find((part) => part.startsWith(`${COOKIE_NAME}=`))
      ?.slice(COOKIE_NAME.length + 1);
    return value === undefined ? undefined : this.alive().get(value);
  }

  touch(session: Session): void {
    session.lastActiveTime = this.options.clock.now();
    session.callCount += 1;
  }

  end(session: Session): void {
    this.byCookie.delete(session.cookie);
  }

  all(): Session[] {
    return [...this.alive().values()];
  }

  /** Ends one session by its key, or all. Gives how many. */
  kill(key?: string): number {
    const victims = this.all().filter((session) => key === undefined || session.key === key);
    for (const victim of victims) this.end(victim);
    return victims.length;
  }

  private alive(): Map<string, Session> {
    const idleMs = IDLE_MS;
    const now = this.options.clock.now().getTime();
    for (const session of this.byCookie.values()) if (now - session.lastActiveTime.getTime() > idleMs) this.end(session);
    return this.byCookie;
  }
}

export function toUserSession(session: Session): DataObject {
  return {
    $type: 'UserSession',
    key: session.key,
    userName: session.account.name,
    fullName: session.account.name,
    loginTime: session.loginTime,
    lastActiveTime: session.lastActiveTime,
    locale: 'en',
    messageLocale: 'en',
    extensionSession: false,
    ipAddress: '127.0.0.1',
    userAgent: session.userAgent,
    callCount: session.callCount,
  };
}

export const sessionView = (session: Session, random: () => number): MoRef =>
  new MoRef('ContainerView', `session[${session.key}]${randomUuid(random)}`);

export function notAuthenticated(object: MoRef): VimFault {
  return new VimFault('NotAuthenticated', { object, privilegeId: 'System.View' }, 'The session is not authenticated.');
}
