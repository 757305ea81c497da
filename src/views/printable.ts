/** C0 and C1 controls but tab and line feed, and what turns the direction of text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are looked for.
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Names in vCenter and words of other programs must not move the cursor, colour the terminal or hide what stands there. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
