import fc from 'fast-check';

/** Everything that means something in HTML, in JSON, or to who reads from right to left, in any order. */
export const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '</script>',
        '<script>alert(1)</script>',
        '<!--',
        '-->',
        ']]>',
        '</style>',
        '</title>',
        '<img src=x onerror=hacked=1>',
        '" onmouseover="hacked=1',
        "' autofocus onfocus='hacked=1",
        'javascript:hacked=1',
        '&lt;',
        '&#60;',
        '&',
        '\\u003c',
        '\u2028',
        '\u202e',
        '\u2066',
        '\u200b',
        '\u0000',
        '\u001b[31m',
        '\ud800',
        '\ue000',
        '\ue001',
        '\ufffe',
        '\n',
        '\t',
        ': ',
        'עברית',
        '🚀',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

export const tagsOf = (page: string): string[] => page.match(/<[^>]*>/g) ?? [];

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };

/** What somebody sees of a piece of a page. */
export const seenIn = (page: string): string =>
  page.replace(/<[^>]*>/g, '').replace(/&(?:lt|gt|quot|amp|#39);/g, (entity) => ENTITIES[entity]!);
