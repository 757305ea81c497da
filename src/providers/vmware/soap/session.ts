import pLimit from 'p-limit';
import type { Clock } from '../../../host/clock.js';
import { interruption, uninterrupted, untilInterrupted } from '../../../host/interruption.js';
import type { Secret } from '../../../host/secret.js';
import { TIMING_DEFAULTS, type VmwareTiming } from '../config.js';
import type { MethodName, Methods } from '../wsdl/methods.js';
import type { Moref, Returned, SentArguments, Vim } from '../wsdl/vim.js';
import { backoffMs } from './backoff.js';
import { TransportFailure } from './failure.js';
import type { SoapClient } from './soap-client.js';
import { isFault, VimFault } from './vim-fault.js';

const SERVICE_INSTANCE: Moref = { type: 'ServiceInstance', value: 'ServiceInstance' };
/** vCenter limits concurrent operations of one session. */
const CALLS_IN_FLIGHT_MAX = 4;
const ATTEMPTS_MAX = 4;
const READ_BACKOFF = { firstMs: 1_000, longestMs: 15_000 };
const LOGOUT_TIMEOUT_MS = 10_000;
/** vCenter reads the change maps of a large disk before it answers. */
const TIMEOUT_MS: Partial<Record<MethodName, number>> = { QueryChangedDiskAreas: 15 * 60_000, HasPrivilegeOnEntities: 30_000 };

/** All that is not deterministic, so that tests can decide it. */
interface Environment {
  readonly clock: Clock;
  /** Texts that are unique among the runs of this project: they name calls in vCenter's logs. */
  readonly newId: () => string;
  /** In [0, 1). */
  readonly random: () => number;
}

interface SessionOptions extends VmwareTiming {
  readonly user: string;
  readonly password: Secret;
}

interface CallPolicy {
  /** false: an answer that got lost is not asked for again, because the call has an effect. */
  readonly repeatable: boolean;
  /** The call names a view or token, which dies with the session. */
  readonly isSessionBound?: boolean;
}

export const READ: CallPolicy = { repeatable: true };
export const EFFECT: CallPolicy = { repeatable: false };
export const SESSION_BOUND_READ: CallPolicy = { repeatable: true, isSessionBound: true };

/** The session that a view or a paging token belonged to is gone; a new one is there. Start again from the first page. */
export class SessionLost extends Error {
  override readonly name = 'SessionLost';
  constructor(readonly call: string) {
    super(`${call}: the session ended`);
  }
}

/**
 * One login to one vCenter, kept alive and renewed. Calls that find it expired share one new login. Credentials that were
 * refused are never tried again: vCenter locks accounts.
 */
export class Session implements AsyncDisposable {
  private readonly limit = pLimit(CALLS_IN_FLIGHT_MAX);
  private readonly ending = new AbortController();
  private readonly keepAlive: NodeJS.Timeout;
  private serviceContent: Promise<Vim<'ServiceContent'>> | undefined;
  private login: Promise<void> | undefined;
  private refused: VimFault | undefined;
  private isLoggedIn = false;
  private sessionKey = '';
  private generation = 0;
  /** Property paths that this server does not know, as `Type.path`. */
  readonly unknownPaths = new Set<string>();

  constructor(
    private readonly soap: SoapClient,
    private readonly transport: { dropCookie(): void; close(): Promise<void> },
    private readonly options: SessionOptions,
    readonly environment: Environment,
  ) {
    this.keepAlive = setInterval(() => void this.touch(), options.keepAliveMs ?? TIMING_DEFAULTS.keepAliveMs).unref();
  }

  /** What vCenter says of itself; needs no login. */
  content(): Promise<Vim<'ServiceContent'>> {
    return this.repeat(READ, () => untilInterrupted(this.contentOnce()));
  }

  /**
   * Throws VimFault, TransportFailure or SessionLost. A read ends with the work that is interrupted, and throws its reason; of a call
   * with an effect it has to be known what came of it, so that its answer is waited for, as long as an answer may take.
   */
  async call<Name extends MethodName>(
    method: Name,
    self: Moref,
    values: SentArguments<Methods[Name]>,
    policy: CallPolicy,
  ): Promise<Returned<Methods[Name]>> {
    const once = (): Promise<Returned<Methods[Name]>> =>
      policy.repeatable ? this.once(method, self, values) : uninterrupted(() => this.once(method, self, values));
    return this.repeat(policy, async () => {
      const generation = await this.ensureLogin();
      try {
        return await once();
      } catch (error) {
        if (!isFault(error, 'NotAuthenticated')) throw error;
        // vCenter looks at the session before it does anything, so even a call with an effect may be made again.
        await this.renew(generation);
        if (policy.isSessionBound === true) throw new SessionLost(method);
        return await once();
      }
    });
  }

  /** What vCenter calls the login by, which is not its cookie; another one after each renewal. Throws as `call`. */
  async key(): Promise<string> {
    await this.ensureLogin();
    return this.sessionKey;
  }

  /** The certificate of the vCenter we talk to; connects when that has not happened yet. */
  async certificate() {
    await this.content();
    return this.soap.certificate!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ending.signal.aborted) return;
    clearInterval(this.keepAlive);
    try {
      // Calls under way end now: the logout must not wait behind a query that takes minutes.
      this.ending.abort(new TransportFailure('lost', 'dispose', 'the provider was closed'));
      await this.login?.catch(() => undefined);
      const logout = { timeoutMs: LOGOUT_TIMEOUT_MS, signal: new AbortController().signal };
      if (this.isLoggedIn) await this.once('Logout', await this.sessionManager(), {}, logout);
    } catch {
      // The session is gone already, or vCenter is: it ends idle sessions by itself.
    } finally {
      this.isLoggedIn = false;
      await this.transport.close();
    }
  }

  private once<Name extends MethodName>(
    method: Name,
    self: Moref,
    values: SentArguments<Methods[Name]>,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal } = this.limitsOf(method),
  ): Promise<Returned<Methods[Name]>> {
    const operationId = `migplan-${this.environment.newId()}`;
    // Those that wait for their turn end too.
    return untilInterrupted(this.limit(() => this.soap.call(method, self, values, { timeoutMs, signal, operationId })));
  }

  private limitsOf(method: MethodName) {
    const timeoutMs = TIMEOUT_MS[method] ?? this.options.callTimeoutMs ?? TIMING_DEFAULTS.callTimeoutMs;
    const signals = [this.ending.signal, interruption()].filter((signal) => signal !== undefined);
    return { timeoutMs, signal: AbortSignal.any(signals) };
  }

  /** One for all who ask: the interruption of one of them is not that of the others. */
  private contentOnce(): Promise<Vim<'ServiceContent'>> {
    this.serviceContent ??= uninterrupted(() => this.once('RetrieveServiceContent', SERVICE_INSTANCE, {})).catch(
      (error: unknown) => {
        this.serviceContent = undefined;
        throw error;
      },
    );
    return this.serviceContent;
  }

  private async repeat<T>(policy: CallPolicy, attempt: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        if (failures + 1 >= ATTEMPTS_MAX || !mayRepeat(error, policy, failures) || this.ending.signal.aborted) throw error;
      }
      const { clock, random } = this.environment;
      await clock.sleep(backoffMs(READ_BACKOFF, failures, random), this.ending.signal);
    }
  }

  /** Resolves with the number of the login it found or made. */
  private async ensureLogin(): Promise<number> {
    if (this.refused !== undefined) throw this.refused;
    if (!this.isLoggedIn) {
      this.login ??= uninterrupted(() => this.logIn()).finally(() => {
        this.login = undefined;
      });
      await untilInterrupted(this.login);
    }
    return this.generation;
  }

  private async logIn(): Promise<void> {
    const { user, password } = this.options;
    const manager = await this.sessionManager();
    // Logging in on a cookie that is still logged in is refused, or does who knows what.
    this.transport.dropCookie();
    try {
      this.sessionKey = (await this.once('Login', manager, { userName: user, password, locale: 'en' })).key;
    } catch (error) {
      if (error instanceof VimFault && error.is('InvalidLogin')) this.refused = error;
      throw error;
    }
    this.isLoggedIn = true;
    this.generation++;
  }

  private async renew(expired: number): Promise<void> {
    if (this.generation === expired) this.isLoggedIn = false;
    await this.ensureLogin();
  }

  private async sessionManager(): Promise<Moref> {
    const { sessionManager } = await this.contentOnce();
    if (sessionManager === undefined) throw new TransportFailure('unreadable', 'Login', 'the server has no session manager');
    return sessionManager;
  }

  private async touch(): Promise<void> {
    if (!this.isLoggedIn) return;
    try {
      await this.call('CurrentTime', SERVICE_INSTANCE, {}, EFFECT);
    } catch {
      // The next call that matters renews the session and says what is wrong.
    }
  }
}

function mayRepeat(error: unknown, { repeatable }: CallPolicy, failures: number): boolean {
  if (error instanceof TransportFailure) return error.isTransient && (repeatable || !error.mayHaveHappened);
  // A bug of the server may be gone the second time; not worth more.
  return repeatable && failures === 0 && isFault(error, 'SystemError');
}
