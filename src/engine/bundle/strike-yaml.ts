import { isScalar, parseAllDocuments, visit } from 'yaml';
import { isSecretName } from './secret-names.js';
import { struck } from './strike.js';

const REFERENCE = /^(?:env:|file:)/;

/** As written, with comments and lines where they were: values of names that hold a secret are struck however they are written. */
export function struckYaml(text: string): string {
  const places: (readonly [number, number])[] = [];
  for (const document of parseAllDocuments(text)) {
    if (!('contents' in document)) continue;
    visit(document, {
      Pair(_key, { key, value }) {
        if (!isScalar(key) || !isSecretName(String(key.value))) return undefined;
        const range = (value as { range?: readonly [number, number, number] | null } | null)?.range;
        if (isScalar(value) && (value.value === null || REFERENCE.test(String(value.value)))) return undefined;
        if (range) places.push([range[0], range[1]]);
        return undefined;
      },
    });
  }
  return struck(without(text, places));
}

/** From the end, so that places before stay where they are. Line ends are kept. */
const without = (text: string, places: readonly (readonly [number, number])[]): string =>
  [...places]
    .sort(([a], [b]) => b - a)
    .reduce(
      (clean, [start, end]) =>
        `${clean.slice(0, start)}"***"${clean.slice(start, end).replaceAll(/[^\n]/g, '')}${clean.slice(end)}`,
      text,
    );
