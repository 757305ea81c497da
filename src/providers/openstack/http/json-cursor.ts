import { own } from '../../../model/own.js';
import { type CallSite, invalidAnswer, type RemoteAnswer, requestIdOf } from './errors.js';

/** Of memory in MiB, of processors, of numbers of things. */
const COUNT_MAX = 2 ** 40;
/** 8 PiB: bytes stay exact numbers. */
const GIBIBYTES_MAX = 2 ** 23;
const DEPTH_MAX = 200;

interface Origin {
  readonly site: CallSite;
  readonly requestId: string | undefined;
}

/**
 * One place in a JSON answer. Every step says what is expected there; anything else throws ProviderError invalid that
 * names the call and the place (`volumes[3].size`).
 */
export class JsonCursor {
  private constructor(
    private readonly value: unknown,
    private readonly origin: Origin,
    private readonly place: string,
  ) {}

  static parse(site: CallSite, answer: RemoteAnswer): JsonCursor {
    const origin = { site, requestId: requestIdOf(answer) };
    if (answer.text.trim() === '') throw invalidAnswer(site, `HTTP ${answer.status} with an empty answer`, origin.requestId);
    if (isDeep(answer.text))
      throw invalidAnswer(site, `HTTP ${answer.status} with an answer of more than ${DEPTH_MAX} levels`, origin.requestId);
    try {
      return new JsonCursor(JSON.parse(answer.text), origin, '');
    } catch {
      const what = /^\s*</.test(answer.text) ? 'an HTML page' : 'text that is not valid JSON, or is cut off';
      throw invalidAnswer(site, `HTTP ${answer.status} with ${what}`, origin.requestId);
    }
  }

  at(key: string): JsonCursor {
    return new JsonCursor(own(this.members(), key), this.origin, this.place === '' ? key : `${this.place}.${key}`);
  }

  list(): JsonCursor[] {
    if (!Array.isArray(this.value)) throw this.unexpected('a list');
    return this.value.map((entry: unknown, index) => new JsonCursor(entry, this.origin, `${this.place}[${index}]`));
  }

  /** Absent and null give an empty list. */
  optionalList(): JsonCursor[] {
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

  /** Any finite number; a size or a count is `whole`. */
  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value)) throw this.unexpected('a number');
    return this.value;
  }

  /** What is counted: 0 or more, without fractions, and small enough that arithmetic with it stays exact. */
  whole(): number {
    const value = this.number();
    if (!Number.isInteger(value) || value < 0 || value > COUNT_MAX) throw this.unexpected('a count');
    return value;
  }

  /** Size of a volume in GiB, as Cinder counts. Nothing is of no size. */
  gibibytes(): number {
    const value = this.whole();
    if (value < 1 || value > GIBIBYTES_MAX) throw this.unexpected('a size in GiB');
    return value;
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

  /** For people: text as it is, all else as JSON. Undefined: absent, null, or nothing in it. */
  brief(): string | undefined {
    if (this.isAbsent() || this.value === '') return undefined;
    if (typeof this.value === 'string') return this.value;
    const text = JSON.stringify(this.value);
    return text === '[]' || text === '{}' ? undefined : text;
  }

  /** Names of an object's members. */
  keys(): string[] {
    return Object.keys(this.members());
  }

  /** The lists in an object, whatever their keys, in its order; absent is none. */
  lists(): JsonCursor[][] {
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

/** Whether brackets stand deeper in each other than anything that a cloud says. Those inside of texts count for nothing. */
function isDeep(json: string): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < json.length; index++) {
    const character = json[index];
    if (isText && character === '\\') index++;
    else if (character === '"') isText = !isText;
    else if (!isText && (character === '[' || character === '{')) depth++;
    else if (!isText && (character === ']' || character === '}')) depth--;
    if (depth > DEPTH_MAX) return true;
  }
  return false;
}
