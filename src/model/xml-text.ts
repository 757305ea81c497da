/** Characters that XML 1.0 cannot carry in any form, lone halves of surrogate pairs among them. */
const ILLEGAL = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};

/** Text as the content of an element or of an attribute, whatever its quotes. What XML cannot carry becomes `substitute`. */
export const escapeXml = (text: string, substitute = ''): string =>
  text.replace(ILLEGAL, substitute).replace(/[&<>"'\r]/g, (character) => ENTITIES[character]!);
