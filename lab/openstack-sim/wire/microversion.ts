import { badRequest, Refusal } from './message.js';

/** The microversions a service offers: `major.0` (or `.min`) to `major.max`. */
export interface VersionRange {
  /** The word in `OpenStack-API-Version: <word> 3.59`. */
  readonly word: 'volume' | 'compute';
  readonly major: number;
  readonly min: number;
  readonly max: number;
}

/** The minor version asked for; the oldest when nothing is. Refuses a malformed one with 400, one out of range with 406. */
export function negotiate(range: VersionRange, header: string | undefined): number {
  const asked = (header ?? '')
    .split(',')
    .map((part) => part.trim().split(/\s+/))
    .find(([word]) => word === range.word)?.[1];
  if (asked === undefined) return range.min;
  if (asked === 'latest') return range.max;
  const match = /^([1-9]\d*)\.(\d+)$/.exec(asked);
  if (match === null) throw badRequest(`API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`);
  const minor = Number(match[2]);
  if (Number(match[1]) !== range.major || minor < range.min || minor > range.max) {
    const bounds = `Minimum is ${range.major}.${range.min} and maximum is ${range.major}.${range.max}.`;
    throw new Refusal(406, `Version ${asked} is not supported by the API. ${bounds}`);
  }
  return minor;
}
