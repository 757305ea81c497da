import { isDeepStrictEqual } from 'node:util';
import { Lexer } from 'yaml';
import { parseYaml } from '../yaml/parse-yaml.js';

/** Whether two texts hold the same values in the same number of documents, and the same comments, anchors, aliases, tags and directives. */
export function haveSameMeaning(one: string, other: string): boolean {
  return isDeepStrictEqual(valuesOf(one), valuesOf(other)) && isDeepStrictEqual(marksOf(one), marksOf(other));
}

function valuesOf(text: string): unknown {
  const { documents, diagnostics } = parseYaml('', text);
  return { values: documents.map(({ value }) => value), codes: diagnostics.map(({ code }) => code) };
}

/** The lexer puts this before every scalar, which may begin with anything. */
const SCALAR = '\u001f';

function marksOf(text: string): string[] {
  const tokens = [...new Lexer().lex(text)];
  return tokens
    .filter((token, index) => /^[#&*!%]/.test(token) && tokens[index - 1] !== SCALAR)
    .map((token) => token.trimEnd())
    .sort();
}
