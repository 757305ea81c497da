import { expect, test } from 'vitest';
import { Secret, withoutSecrets } from '../../src/host/secret.js';
import { ProviderError } from '../../src/providers/provider-error.js';

const VALUE = 'P&ss<w0rd>"\'ü';
const held = new Secret(VALUE);

test.each([
  ['as it is', VALUE],
  ['escaped for XML', 'P&amp;ss&lt;w0rd&gt;"\'ü'],
  ['escaped for XML attributes', 'P&amp;ss&lt;w0rd&gt;&quot;&apos;ü'],
  ['with a numeric apostrophe', 'P&amp;ss&lt;w0rd&gt;&quot;&#39;ü'],
  ['in JSON', JSON.stringify(VALUE).slice(1, -1)],
  ['in ASCII JSON', 'P&ss<w0rd>\\"\'\\u00fc'],
  ['in a URL', encodeURIComponent(VALUE)],
  ['in a URL, lower case', encodeURIComponent(VALUE).replaceAll(/%../g, (code) => code.toLowerCase())],
])('a secret is struck %s', (_name, form) => {
  expect(withoutSecrets(`before ${form} after`)).toBe('before *** after');
});

test.each(['', 'u', 'user:', 'admin:'])('a secret is struck in base64 behind %j', (before) => {
  const text = Buffer.from(`${before}${VALUE}`).toString('base64');
  const left = withoutSecrets(`Basic ${text}`);
  expect(left).toContain('***');
  // What is left of it, decoded at any alignment, is no part of the secret.
  for (const cut of [0, 1, 2, 3]) {
    const rest = Buffer.from(left.replace('Basic ', '').replaceAll('***', '').slice(cut), 'base64').toString('latin1');
    expect(rest).not.toContain('ss<w0');
  }
});

test('a remote that echoes the password is told without it, on one line', () => {
  const said = `Cannot complete login for ${held.reveal()}\n::add-mask::x`;
  const error = new ProviderError({
    kind: 'failed',
    code: 'MP5004',
    provider: 'vc',
    call: 'Login',
    detail: said,
    nextSteps: [said],
  });
  expect(error.details.detail).toBe('Cannot complete login for ***\\n::add-mask::x');
  expect(error.message).toContain('***');
  expect(error.details.nextSteps).toEqual(['Cannot complete login for ***\\n::add-mask::x']);
});

test('words of everybody are no secrets: shorter ones than six characters are not struck', () => {
  expect(new Secret('admin').toString()).toBe('***');
  expect(withoutSecrets('the admin of it')).toBe('the admin of it');
});
