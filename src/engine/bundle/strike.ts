import { withoutShortSecrets } from '../../host/secret.js';
import { NAME_LENGTH_MAX, secretName, secretWord } from './secret-names.js';

const HIDDEN = '***';

type Rule = readonly [what: RegExp, by: string | ((...parts: string[]) => string)];

/** What stands before the word is not looked at, so that no place of a long line is looked at from all those before it. */
const KEY = `${secretWord}[\\w.-]{0,${NAME_LENGTH_MAX}}(?:\\\\*["'])?\\s*(?:=>|[:=])\\s*`;
/** `env:NAME` and `file:PATH` say where a secret is, not what it is. */
const REFERENCE = /^["']?(?:env:[A-Za-z_]\w*|file:[^\s"',}\]]+)["']?$/;
const QUOTED = /^(\\*)(["'])/;

/**
 * What looks like a secret, whoever said it: this process does not know those of yesterday, or of another machine. Rather too much
 * is struck than too little.
 */
const rules: readonly Rule[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, `-----PRIVATE KEY ${HIDDEN}-----`],
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/"'<>\\]*@/gi, `$1${HIDDEN}@`],
  [
    /\b((?:proxy-)?authorization|x-(?:auth|subject|service)-token|(?:set-)?cookie|vmware-csrf-token)((?:\\*")?\s*[:=]\s*(?:\\*")?)[^\r\n"\\]+/gi,
    `$1$2${HIDDEN}`,
  ],
  [
    /((?:webhook[\w.-]{0,100}(?:\\*["'])?\s*[:=]\s*(?:\\*["'])?https?:\/\/[^\s/"']+|hooks\.slack\.com|discord(?:app)?\.com)\/)[^\s"'<>]+/gi,
    `$1${HIDDEN}`,
  ],
  [/\b(bearer|basic)(\s+)[A-Za-z0-9+/=._~-]{8,}/gi, `$1$2${HIDDEN}`],
  [
    /\bgAAAA[\w=-]{20,}|\beyJ[\w-]{8,4000}\.[\w-]+(?:\.[\w-]*)?|\bxox[a-z]-[\w-]{8,}|\bgh[a-z]_\w{20,}|\bglpat-[\w-]{15,}|\bAKIA[A-Z0-9]{12,}/g,
    HIDDEN,
  ],
  [new RegExp(`(<(?:[\\w-]+:)?${secretName}(?:\\s[^>]*)?>)[^<]+`, 'gi'), `$1${HIDDEN}`],
  [new RegExp(`(--${secretName}[ =])\\S+`, 'gi'), `$1${HIDDEN}`],
  [
    new RegExp(
      `(${KEY})(\\\\+"(?:(?!\\\\+").)*\\\\+"|"(?:[^"\\\\]|\\\\.)*"|'(?:[^']|'')*'|\\[[^\\]\\n]*\\]|\\{[^}\\n]*\\}|[^\\n]+)`,
      'gi',
    ),
    (_all, key, value) => `${key}${withoutValue(key, value)}`,
  ],
];

/** Keeps what makes JSON JSON, and YAML YAML. */
function withoutValue(key: string, value: string): string {
  const isJson = /["']\s*:\s*$/.test(key);
  const bare = isJson ? (/^[^\s,}\]]+/.exec(value)?.[0] ?? '') : value;
  const quote = QUOTED.exec(value);
  if (quote !== null) return REFERENCE.test(value) ? value : `${quote[1]}${quote[2]}${HIDDEN}${quote[1]}${quote[2]}`;
  if (value.startsWith('[') || value.startsWith('{')) return `"${HIDDEN}"`;
  const reference = /^(?:env:[A-Za-z_]\w*|file:[^\s"',}\]]+)(?=[\s,}\]]|$)/.exec(value)?.[0];
  if (reference !== undefined) return `${reference}${value.slice(reference.length)}`;
  return isJson ? `"${HIDDEN}"${value.slice(bare.length)}` : HIDDEN;
}

/** Without every secret that this process knows, and without what looks like one. Line ends stay, but for those of private keys. */
export const struck = (text: string): string =>
  rules.reduce((clean, [what, by]) => clean.replace(what, by as string), withoutShortSecrets(text));
