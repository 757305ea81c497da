import stringWidth from 'string-width';

/** Columns that a terminal needs for it: two for wide characters, none for those that stand on another one. */
export const textWidth = (text: string): number =>
  PLAIN.test(text) ? text.length : stringWidth(text.normalize('NFC').replace(MARKS, ''));

/** Most texts: looking for wide characters takes a hundred times as long. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Points of Hebrew, Arabic, Thai and other letters; those that make an emoji of a character count with it. */
const MARKS = /(?![\ufe0e\ufe0f\u20e3])[\p{Mn}\p{Me}]/gu;

export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - textWidth(text)));

const CUT = '…';
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** As much of its beginning as fits, never half of a character; a text that is cut says so. */
export function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = '';
  let used = textWidth(CUT);
  for (const { segment } of graphemes.segment(text)) {
    used += textWidth(segment);
    if (used > width) break;
    cut += segment;
  }
  return width < 1 ? '' : `${cut}${CUT}`;
}
