import type { Path } from './located.js';

/** `limits.delta`, `networks[0].mac`: what people call the field. The leading `spec` says nothing and goes. */
export function fieldName(path: Path): string {
  const steps = path.length > 1 && path[0] === 'spec' ? path.slice(1) : path;
  return steps.map((step, i) => (/^\d+$/.test(String(step)) ? `[${step}]` : `${i === 0 ? '' : '.'}${step}`)).join('');
}

/** The name in front of the colon, for "Write: name: value"; of the list, when the path ends in a list. */
export const lastName = (path: Path): string => String(path.findLast((step) => !/^\d+$/.test(String(step))) ?? 'document');

/** `name: text`, or `- text` for a line of a list. */
export const asLine = (path: Path, text: string): string =>
  /^\d+$/.test(String(path.at(-1))) ? `- ${text}` : `${lastName(path)}: ${text}`;
