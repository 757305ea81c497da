import { type CallSite, invalidAnswer, type RemoteAnswer, requestIdOf } from './errors.js';

interface Origin {
  readonly site: CallSite;
  readonly requestId: string | undefined;
}

/**
 * One place in a JSON answer. Every step says what is expected there; anything else throws ProviderError invalid that
 * names the call and the place (`volumes[3].size`).
 */
export class Answer {
  private constructor(
    private readonly value: unknown,
    private readonly origin: Origin,
    private readonly place: string,
  ) {}

  static parse(site: CallSite, answer: RemoteAnswer): Answer {
    const origin = { site, requestId: requestIdOf(answer) };
    if (answer.text.trim() === '') throw invalidAnswer(site, `HTTP ${answer.status} with an empty answer`, origin.requestId);
    try {
      return new Answer(JSON.parse(answer.text), origin, '');
    } catch {
      const what = /^\s*</.test(answer.text) ? 'an HTML page' : 'text that is not valid JSON, or is cut off';
      throw invalidAnswer(site, `HTTP ${answer.status} with ${what}`, origin.requestId);
    }
  }

  at(key: string): Answer {
    return new Answer(this.members()[key], this.origin, this.place === '' ? key : `${this.place}.${key}`);
  }

  list(): Answer[] {
    if (!Array.isArray(this.value)) throw this.unexpected('a list');
    return this.value.map((entry: unknown, index) => new Answer(entry, this.origin, `${this.place}[${index}]`));
  }

  /** Absent and null give an empty list. */
  optionalList(): Answer[] {
    return this.isAbsent() ? [] : this.list();
  }

  text(): string {
    if (typeof this.value !== 'string') throw this.unexpected('text');
    return this.value;
  }

  /** Absent, null and '' give undefined. */
  optionalText(): string | undefined {
    return this.isAbsent() || this.value === '' ? undefined : this.text();
  }

  number(): number {
    if (typeof this.value !== 'number') throw this.unexpected('a number');
    return this.value;
  }

  /** true and 'true' are true; absent is false. Cinder's `bootable` is text. */
  flag(): boolean {
    if (this.isAbsent()) return false;
    if (typeof this.value === 'boolean') return this.value;
    if (typeof this.value === 'string' && /^(true|false)$/i.test(this.value)) return this.value.toLowerCase() === 'true';
    throw this.unexpected('true or false');
  }

  /** Keys with text values; absent is none. Values of other types, as images may carry, are written as JSON. */
  texts(): Record<string, string> {
    if (this.isAbsent()) return {};
    return Object.fromEntries(
      Object.entries(this.members()).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
    );
  }

  /** Names of an object's members. */
  keys(): string[] {
    return Object.keys(this.members());
  }

  /** The lists in an object, whatever their keys, in its order; absent is none. */
  lists(): Answer[][] {
    return this.isAbsent() ? [] : Object.keys(this.members()).map((key) => this.at(key).list());
  }

  isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }

  isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  unexpected(wanted: string): Error {
    const place = this.place === '' ? 'the answer' : this.place;
    return invalidAnswer(this.origin.site, `${place} is not ${wanted}`, this.origin.requestId);
  }

  private members(): Record<string, unknown> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) throw this.unexpected('an object');
    return this.value as Record<string, unknown>;
  }
}
