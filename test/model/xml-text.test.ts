import { expect, test } from 'vitest';
import { escapeXml } from '../../src/model/xml-text.js';

const text = 'a\u0000b\u001f<&>"\'\t\n\r\ud800x\u{1f600}\uffff';

test('what XML cannot carry is left out, the rest survives', () => {
  expect(escapeXml(text)).toBe('ab&lt;&amp;&gt;&quot;&apos;\t\n&#13;x\u{1f600}');
});

test('or it is seen where it stood', () => {
  expect(escapeXml(text, '\ufffd')).toBe('a\ufffdb\ufffd&lt;&amp;&gt;&quot;&apos;\t\n&#13;\ufffdx\u{1f600}\ufffd');
});
