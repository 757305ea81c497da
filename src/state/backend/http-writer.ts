import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import type { Clock } from '../../host/clock.js';
import { uninterrupted } from '../../host/interruption.js';
import { newUuid } from '../../host/random.js';
import { type HttpAnswer, NoAnswer } from './http-answer.js';
import { delayMs, mayPass } from './http-attempts.js';
import { type HttpClient, isRefused } from './http-client.js';
import type { Content, Envelope } from './http-envelope.js';
import { PATIENCE_MS } from './http-exchange.js';
import { keyOf, type StateName } from './http-names.js';
import { unreachable } from './http-refusal.js';
import { leftMs } from './http-time.js';
import { whoHas } from './http-who-has.js';

/** Of answers that say nothing sure and do not pass. */
const ROUNDS_MAX = 3;

/** One write under a lock. */
export interface Change {
  readonly state: StateName;
  /** Of the lock. */
  readonly id: string;
  /** What is to stand there, by what does. */
  edit(found: Envelope | undefined): Content;
  /** Whether the lock is still ours, by what stands there. */
  isOurs(found: Envelope | undefined): boolean;
  /** What is thrown when it is not. */
  lost(): Error;
  /** Of a state that is not there yet; default: a new one. */
  readonly lineage?: string;
}

interface Sent {
  readonly envelope: Envelope;
  readonly came: HttpAnswer | NoAnswer;
}

/**
 * Writes states one after the other. What came of a request without an answer is looked up before it is repeated, so that nothing is
 * written twice and nothing that was written is taken for lost.
 */
export class HttpWriter {
  /** The last serials written: a state that was deleted by hand goes on above. */
  private readonly serials = new Map<string, number>();
  private readonly queues = new Map<string, ReturnType<typeof pLimit>>();

  constructor(
    private readonly client: HttpClient,
    private readonly clock: Clock,
  ) {}

  /** DiagnosticsError MP3033 and MP3013, and what `lost` makes. */
  write(change: Change): Promise<void> {
    const key = keyOf(change.state);
    const queue = this.queues.get(key) ?? pLimit(1);
    this.queues.set(key, queue);
    return queue(() => uninterrupted(() => this.inRounds(change, change.lineage ?? newUuid())));
  }

  private async inRounds(change: Change, lineage: string): Promise<void> {
    let sent: Sent | undefined;
    const endMs = this.clock.monotonicMs() + PATIENCE_MS.later;
    for (let round = 1; ; round++) {
      const found = await this.client.read(change.state);
      if (sent !== undefined) {
        if (isSame(found, sent.envelope)) return this.remember(change.state, sent.envelope);
        await this.judge(change, sent, { found, isLast: this.isLast(sent.came, { round, endMs }) });
      }
      if (!change.isOurs(found)) throw change.lost();
      sent = await this.send(change, found, lineage);
      if (isStored(sent.came)) return this.remember(change.state, sent.envelope);
      if (mayPass(sent.came)) await this.clock.sleep(delayMs(round, sent.came));
    }
  }

  private isLast(came: HttpAnswer | NoAnswer, { round, endMs }: { readonly round: number; readonly endMs: number }): boolean {
    return mayPass(came) ? this.clock.monotonicMs() >= endMs || leftMs(this.clock) === 0 : round > ROUNDS_MAX;
  }

  private async send(change: Change, found: Envelope | undefined, lineage: string): Promise<Sent> {
    const serial = Math.max(found?.serial ?? 0, this.serials.get(keyOf(change.state)) ?? 0) + 1;
    const envelope = { ...change.edit(found), serial, lineage: found?.lineage ?? lineage };
    return { envelope, came: await this.client.post(change.state, envelope, change.id) };
  }

  private remember(state: StateName, { serial }: Envelope): void {
    this.serials.set(keyOf(state), serial);
  }

  /** Resolves when it may be sent once more. */
  private async judge(
    change: Change,
    { envelope, came }: Sent,
    { found, isLast }: { readonly found: Envelope | undefined; readonly isLast: boolean },
  ): Promise<void> {
    if (came instanceof NoAnswer) {
      if (isLast || !mayPass(came)) throw unreachable(came);
      return;
    }
    if (isRefused(came)) throw change.lost();
    // GitLab says so for a lock that was lost, too.
    if (came.status === 500 && !(await this.holds(change))) throw change.lost();
    const isOvertaken = came.status === 422 && (found?.serial ?? 0) >= envelope.serial;
    if (isLast || !(isOvertaken || mayPass(came) || isDoubtful(came))) throw this.client.refused(change.state, 'writing', came);
  }

  private async holds({ state, id }: Change): Promise<boolean> {
    const told = await whoHas(this.client, state);
    return told !== undefined && (told.id === undefined || told.id === id);
  }
}

const isStored = (came: HttpAnswer | NoAnswer): boolean =>
  !(came instanceof NoAnswer) && (came.status === 200 || came.status === 201);

/** GitLab answers 204 to what it did not store, others to what they did. */
const isDoubtful = ({ status }: HttpAnswer): boolean => status > 201 && status < 300;

/** By value: a server may keep JSON in its own spelling. */
const isSame = (found: Envelope | undefined, sent: Envelope): boolean =>
  found !== undefined && isDeepStrictEqual(asStored(found), asStored(sent));

/** Without what is undefined. */
const asStored = (envelope: Envelope): unknown => JSON.parse(JSON.stringify(envelope));
