import type { ServerTraits } from '../../../model/observed-target.js';
import type { Service } from '../config/cloud-config.js';
import type { JsonCursor } from './json-cursor.js';

/** Major and minor, as in `3.44`. Compared as numbers: 3.9 is older than 3.44. */
export interface Microversion {
  readonly major: number;
  readonly minor: number;
}

/** What is asked for, and the least that will do. A service that is not named has no microversions. */
export interface MicroversionNeed {
  readonly least: Microversion;
  readonly most: Microversion;
  /** Why less will not do. */
  readonly reason: string;
}

/**
 * Volume: always exactly 3.44, so that every cloud behaves alike: attachments are complete there, and later versions
 * only add stricter schemas. Compute: `networks: none` needs 2.37; nothing above 2.93 was tried.
 */
export const microversionNeeds: Readonly<Partial<Record<Service, MicroversionNeed>>> = {
  volume: {
    least: { major: 3, minor: 44 },
    most: { major: 3, minor: 44 },
    reason: 'the Attachments API with os-complete (3.44) is what keeps others away from a volume that is written',
  },
  compute: {
    least: { major: 2, minor: 37 },
    most: { major: 2, minor: 93 },
    reason: 'servers are created with exactly the ports that are asked for (2.37)',
  },
};

export const formatMicroversion = ({ major, minor }: Microversion): string => `${major}.${minor}`;

const isLess = (a: Microversion, b: Microversion): boolean => a.major < b.major || (a.major === b.major && a.minor < b.minor);

/** The one to ask for, or undefined when the cloud offers less than the least, or no longer offers it. */
export function choose(
  need: MicroversionNeed,
  offered: { readonly min: Microversion; readonly max: Microversion },
): Microversion | undefined {
  const best = isLess(offered.max, need.most) ? offered.max : need.most;
  return isLess(best, need.least) || isLess(best, offered.min) ? undefined : best;
}

/**
 * What servers can be made with. Tags came with 2.52. A port without an address is refused, with HTTP 400, unless its back end
 * says that it connects layer 2 alone, which nobody is told before the port is bound.
 */
export const serverTraitsOf = (compute: Microversion): ServerTraits => ({
  tags: !isLess(compute, { major: 2, minor: 52 }),
  portsWithoutAddress: false,
});

/** Reads a version document: Cinder's lists `versions`, Nova's has one `version`. */
export function decodeOffer(document: JsonCursor, major: number): { min: Microversion; max: Microversion } | undefined {
  const single = document.at('version');
  const entries = single.isAbsent() ? document.at('versions').list() : [single];
  for (const entry of entries) {
    const max = parse(entry.at('version').optionalText());
    const min = parse(entry.at('min_version').optionalText());
    if (max?.major === major && min !== undefined) return { min, max };
  }
  return undefined;
}

function parse(text: string | undefined): Microversion | undefined {
  const match = /^(\d+)\.(\d+)$/.exec(text ?? '');
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}
