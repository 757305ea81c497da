/** Each of these can be turned back into the secret. */
export function secretForms(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const uri = encodeURIComponent(secret);
  const forms = [
    secret,
    json,
    json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ...xmlForms(secret),
    uri,
    uri.replaceAll('%20', '+'),
    uri.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    Buffer.from(secret).toString('hex'),
    ...base64Forms(secret),
  ];
  // Longest first, so that no part of a long one is left standing.
  return [...new Set(forms)].filter((form) => form !== '').sort((one, other) => other.length - one.length);
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
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
