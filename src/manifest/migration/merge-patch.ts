type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON Merge Patch (RFC 7386): objects are merged, everything else is replaced, null removes. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlain(patch)) return patch;
  const merged = new Map(isPlain(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

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
