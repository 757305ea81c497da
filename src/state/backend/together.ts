import { setImmediate as afterThisTurn } from 'node:timers/promises';
import { interruption, uninterrupted, untilInterrupted } from '../../host/interruption.js';

interface Asked<K, V> {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
}

export interface Answering<K, V> {
  /** Two of the same name are never asked for in one request. */
  readonly nameOf: (key: K) => string;
  /** One request; as many answers, in the order asked. What it rejects with is told to all who asked. Ends by itself. */
  readonly answer: (keys: readonly K[]) => Promise<readonly V[]>;
  readonly most: number;
  /** Gets an answer that came when who asked for it had been interrupted. */
  readonly late?: (key: K, value: V) => void;
}

/**
 * What many ask for in the same turn of the event loop goes out in one request: a thousand VMs are no thousand ways to a server and back.
 * Who is interrupted waits no longer, and the others do.
 */
export class Together<K, V> {
  private waiting: Asked<K, V>[] = [];

  constructor(private readonly answering: Answering<K, V>) {}

  ask(key: K): Promise<V> {
    const answer = new Promise<V>((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.waiting.length === 1) void uninterrupted(() => afterThisTurn().then(() => this.send()));
    });
    // What is done although somebody said stop needs its answer.
    return interruption()?.aborted === true ? answer : this.untilInterrupted(key, answer);
  }

  private async untilInterrupted(key: K, answer: Promise<V>): Promise<V> {
    try {
      return await untilInterrupted(answer);
    } catch (error) {
      const { late } = this.answering;
      void answer.then(
        (value) => late?.(key, value),
        () => undefined,
      );
      throw error;
    }
  }

  private send(): void {
    const asked = this.waiting;
    this.waiting = [];
    for (const batch of this.batches(asked)) void this.settle(batch);
  }

  private async settle(batch: readonly Asked<K, V>[]): Promise<void> {
    try {
      const answers = await this.answering.answer(batch.map(({ key }) => key));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  private batches(asked: readonly Asked<K, V>[]): Asked<K, V>[][] {
    const { nameOf, most } = this.answering;
    const batches: Map<string, Asked<K, V>>[] = [];
    for (const one of asked) {
      const name = nameOf(one.key);
      const open = batches.find((batch) => batch.size < most && !batch.has(name));
      if (open === undefined) batches.push(new Map([[name, one]]));
      else open.set(name, one);
    }
    return batches.map((batch) => [...batch.values()]);
  }
}
