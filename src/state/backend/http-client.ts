import { createHash } from 'node:crypto';
import type { Clock } from '../../host/clock.js';
import { uninterrupted } from '../../host/interruption.js';
import { placeOf, type StateAddresses } from './http-addresses.js';
import type { HttpAnswer, NoAnswer } from './http-answer.js';
import { attempt, type Heard } from './http-attempts.js';
import { decode, type Envelope, encode } from './http-envelope.js';
import type { HttpExchange } from './http-exchange.js';
import { type LockInfo, type ToldHolder, toldBy } from './http-lock-info.js';
import type { StateName } from './http-names.js';
import { damaged, isHtml, isNoProject, refusal, type StateCall } from './http-refusal.js';

export interface HttpClientParts {
  readonly exchange: HttpExchange;
  readonly addresses: StateAddresses;
  readonly clock: Clock;
  /** How the server wants to be asked for locks; GitLab: POST and DELETE. */
  readonly lockMethod: string;
  readonly unlockMethod: string;
}

/** `held`: by somebody else. */
export type LockAnswer = { readonly kind: 'ours' } | { readonly kind: 'held'; readonly told: ToldHolder };

/** The requests of the HTTP backend protocol, each with what its answers mean. All throw DiagnosticsError MP3033 and MP3013. */
export class HttpClient {
  constructor(private readonly parts: HttpClientParts) {}

  place(what: 'state' | 'lock', state: StateName): string {
    return placeOf(this.parts.addresses.url(what, state));
  }

  /** undefined: nothing was written yet. */
  async read(state: StateName): Promise<Envelope | undefined> {
    const url = this.parts.addresses.url('state', state);
    const { answer } = await this.ask('GET', url);
    if (isAbsent(answer)) return undefined;
    if (answer.status !== 200 || isHtml(answer)) throw refusal(url, 'reading', answer);
    if (!isIntact(answer)) throw damaged(placeOf(url), 'came damaged: its Content-MD5 is another');
    return decode(state, answer.bytes.toString('utf8'), placeOf(url));
  }

  /** One try: it is not known what became of it where there is no answer. */
  post(state: StateName, envelope: Envelope, id: string): Promise<HttpAnswer | NoAnswer> {
    const url = this.parts.addresses.url('state', state, id);
    return this.parts.exchange.send({ method: 'POST', url, body: encode(state, envelope) }).catch(returned);
  }

  refused(state: StateName, call: StateCall, answer: HttpAnswer): Error {
    return refusal(this.parts.addresses.url('state', state), call, answer);
  }

  /** Only 200 says that it is locked, as for Terraform. What came of any other answer is looked up, and unlocked again if it is ours. */
  lock(state: StateName, info: LockInfo): Promise<LockAnswer> {
    return uninterrupted(async () => {
      try {
        return await this.locked(state, info);
      } catch (error) {
        await this.giveBack(state, info).catch(() => undefined);
        throw error;
      }
    });
  }

  /** false: it is not held by this id (any more). */
  unlock(state: StateName, info: LockInfo): Promise<boolean> {
    return uninterrupted(async () => {
      const url = this.parts.addresses.url('unlock', state, info.ID);
      const { answer, isRepeated } = await this.ask(this.parts.unlockMethod, url, info);
      // The first try may have freed it: GitLab then answers 409 to the second.
      if (isRefused(answer)) return isRepeated;
      if (answer.status < 200 || answer.status > 299 || isHtml(answer)) throw refusal(url, 'unlocking', answer);
      return true;
    });
  }

  /** Asked first: a server that does not look at ids would free somebody else's lock. */
  private async giveBack(state: StateName, info: LockInfo): Promise<void> {
    const answer = await this.locked(state, info).catch(() => undefined);
    if (answer?.kind !== 'held') await this.unlock(state, info);
  }

  private async locked(state: StateName, info: LockInfo): Promise<LockAnswer> {
    const url = this.parts.addresses.url('lock', state);
    const { answer, isRepeated } = await this.ask(this.parts.lockMethod, url, info);
    if (answer.status === 200 && !isHtml(answer)) return { kind: 'ours' };
    if (!isRefused(answer)) throw refusal(url, 'locking', answer);
    const told = toldBy(answer.bytes.toString('utf8'));
    // Who lost the answer to a first try meets the own lock at the second.
    if (told.id === info.ID) return { kind: 'ours' };
    // And where the server does not tell whose it is: only the own one can be given back.
    if (isRepeated && told.id === undefined && (await this.unlock(state, info))) return this.locked(state, info);
    return { kind: 'held', told };
  }

  private ask(method: string, url: URL, body?: LockInfo): Promise<Heard> {
    const request = { method, url, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return attempt(this.parts.exchange, request, this.parts.clock);
  }
}

/** A lock of somebody else is in the way: servers say one or the other. */
export const isRefused = ({ status }: HttpAnswer): boolean => status === 409 || status === 423;

/** GitLab's own 404 for an address that is none. */
const NO_ROUTE = /^\{"error":"404 Not Found"\}\s*$/;

function isAbsent(answer: HttpAnswer): boolean {
  const { status, bytes } = answer;
  if (status === 204 || (status === 200 && bytes.length === 0)) return true;
  return status === 404 && !isHtml(answer) && !isNoProject(answer) && !NO_ROUTE.test(bytes.toString('utf8', 0, 100));
}

function isIntact({ headers, bytes }: HttpAnswer): boolean {
  const promised = headers['content-md5'];
  return promised === undefined || promised === createHash('md5').update(bytes).digest('base64');
}

function returned(error: unknown): NoAnswer {
  if (error instanceof Error && error.name === 'NoAnswer') return error as NoAnswer;
  throw error;
}
