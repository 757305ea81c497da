/** Each of these can be turned back into the secret, wherever it stands. */
export const secretForms = (secret: string): readonly string[] =>
  longestFirst([...escapedForms(secret), hexForm(secret), ...base64Forms(secret)]);

/** Hexadecimal digits fewer than this are numbers, or a byte of a fingerprint. */
const HEX_WORD_LENGTH_MIN = 6;

/**
 * Of a secret that is struck only where it stands as a word: the forms that can be one. A fragment of base64 never stands alone, and
 * that of a short secret is a word of everybody (`pw` gives `B3`).
 */
export function standingForms(secret: string): readonly string[] {
  const hex = hexForm(secret);
  const base64 = Buffer.from(secret).toString('base64');
  const encoded = hex.length < HEX_WORD_LENGTH_MIN ? [base64] : [hex, base64];
  return longestFirst([...escapedForms(secret), ...encoded, base64Url(base64)]);
}

// So that no part of a long one is left standing.
const longestFirst = (forms: readonly string[]): readonly string[] =>
  [...new Set(forms)].filter((form) => form !== '').sort((one, other) => other.length - one.length);

const hexForm = (secret: string): string => Buffer.from(secret).toString('hex');

function escapedForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const uri = encodeURIComponent(secret);
  return [
    secret,
    json,
    json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ...xmlForms(secret),
    uri,
    uri.replaceAll('%20', '+'),
    uri.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ];
}

/** Escaped in text, and as a careful writer escapes attributes; the apostrophe has two spellings. */
function xmlForms(secret: string): string[] {
  const text = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const attribute = text.replaceAll('"', '&quot;');
  return [
    text,
    attribute,
    attribute.replaceAll("'", '&apos;'),
    attribute.replaceAll("'", '&#39;'),
    attribute.replaceAll("'", '&#x27;'),
  ];
}

const BITS_PER_CHARACTER = 6;

/**
 * In base64 a secret looks different by what stands before it (`user:secret` of basic authentication): of the three ways, the
 * characters that depend on nothing else.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const first = Math.ceil((before * 8) / BITS_PER_CHARACTER);
    const end = Math.floor(((before + bytes.length) * 8) / BITS_PER_CHARACTER);
    const core = text.slice(first, end);
    return [core, base64Url(core)];
  });
}

const base64Url = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');
