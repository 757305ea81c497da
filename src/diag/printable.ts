/**
 * What must not reach a terminal, a log or a line that programs read: controls, what turns or hides text (bidi, zero width,
 * tags, joiners, fillers), other line ends, and halves of surrogate pairs. Selectors of emoji are left alone.
 */
const UNPRINTABLE = /(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/gu;

/** Of these the sequences that move a cursor or colour are ours, and stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are looked for.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[[0-9;?]*[A-Za-z])/g;

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

const written = (character: string): string => SHORT.get(character) ?? `\\u{${character.codePointAt(0)!.toString(16)}}`;

/**
 * Foreign words as one line without effects: names in vCenter, file names, words of other programs and of clouds. A line end
 * is shown as `\n`, so that nothing forges a line of its own. What was made printable stays as it is.
 */
export const printable = (text: string): string => text.replace(UNPRINTABLE, written);

/** The same for a JSON text: its strings keep their values, written with `\uXXXX`. Line ends between values stay. */
export const printableJson = (json: string): string =>
  json.replace(UNPRINTABLE, (character) =>
    character === '\n'
      ? character
      : character
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  );

/** Whether it has anything that is not printable, other than the ends of its lines. */
export const hasUnprintable = (text: string): boolean => text.replaceAll('\n', '').search(UNPRINTABLE) >= 0;

/** The same for a line of YAML in which such text stands in double quotes: it keeps its value. */
export const printableYaml = (line: string): string => line.replace(UNPRINTABLE, yamlEscape);

function yamlEscape(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}

/** The last net under a whole output, lines and colours and all: what nobody made printable. */
export const withoutControls = (output: string): string => output.replace(CONTROLS, written);
