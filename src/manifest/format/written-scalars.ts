import { isScalar, type ScalarTag, type Tags } from 'yaml';

/** Where a folded text is broken anew. */
const FOLDED_WIDTH = 100;

/** Scalars of one line are written as they were, letter by letter; longer text is never broken where it was not. */
export const writtenScalars = (tags: Tags): Tags =>
  tags.map((tag) => (typeof tag === 'string' || tag.collection !== undefined ? tag : asWritten(tag)));

function asWritten(tag: ScalarTag): ScalarTag {
  const { stringify } = tag;
  if (stringify === undefined) return tag;
  return {
    ...tag,
    stringify(item, context, ...rest) {
      const text = sourceOf(item);
      if (text !== undefined) return text;
      const lineWidth = item.type === 'BLOCK_FOLDED' ? FOLDED_WIDTH : 0;
      return stringify(item, { ...context, options: { ...context.options, lineWidth } }, ...rest);
    },
  };
}

function sourceOf(item: unknown): string | undefined {
  const token = isScalar(item) ? item.srcToken : undefined;
  if (token === undefined || token.type === 'block-scalar' || !('source' in token)) return undefined;
  return token.source.includes('\n') ? undefined : token.source;
}
