import { isPlain, mergePatch } from '../base/merge-patch.js';

/**
 * A Migration's spec over the Project's defaults. The window is replaced as a whole: half of one and half of another
 * would be a third that nobody wrote.
 */
export function mergeSpec(defaults: unknown, spec: unknown): unknown {
  const base = mergePatch({}, defaults);
  if (!isPlain(base) || !isPlain(spec) || !Object.hasOwn(spec, 'window')) return mergePatch(base, spec);
  const { window: _replaced, ...rest } = base;
  return mergePatch(rest, spec);
}
