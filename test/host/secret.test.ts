import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { Secret, withoutSecrets, withoutShortSecrets } from '../../src/host/secret.js';

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

test.each([...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ '])('a short secret with %j in it can be held, and is struck', (character) => {
  const value = `q${character}7z`;
  void new Secret(value);
  expect(withoutShortSecrets(`it is <${value}>`)).toBe('it is <***>');
});

test('words of everybody are no secrets: shorter ones than six characters are not struck', () => {
  expect(new Secret('admin').toString()).toBe('***');
  expect(withoutSecrets('the admin of it')).toBe('the admin of it');
});

describe('a secret shorter than six characters', () => {
  const detailOf = (detail: string): string =>
    new ProviderError({ kind: 'failed', code: 'MP5004', provider: 'vc', call: 'Login', detail, nextSteps: ['the q1z of it'] })
      .details.detail;
  for (const value of ['q1z', 'x&9', '(9', 'ü7ü', 'v-4z']) void new Secret(value);

  test.each([
    ['Cannot complete login for svc:q1z', 'Cannot complete login for svc:***'],
    ['<password>q1z</password>', '<password>***</password>'],
    ['{"password":"q1z"}', '{"password":"***"}'],
    ['<password>x&amp;9</password>', '<password>***</password>'],
    ['password=x%269&a=b', 'password=***&a=b'],
    ['password "(9" is too short', 'password "***" is too short'],
    ['Kennwort ü7ü.', 'Kennwort ***.'],
    ['v-4z is wrong', '*** is wrong'],
    ['base64 of it: cTF6', 'base64 of it: ***'],
  ])('is struck where it stands as a word of what a remote said: %s', (said, told) => {
    expect(detailOf(said)).toBe(told);
  });

  test.each(['volume q1zz', 'aq1z', 'q1z_2', 'q1zé'])('is no part of a longer word: %s', (said) => {
    expect(detailOf(said)).toBe(said);
  });

  test.each(['11:F9:70:1C:B3:44', 'c: 70 GiB', 'port 7077', 'B3'])('is no fragment of what is encoded: %s', (said) => {
    for (const value of ['p', 'pw']) void new Secret(value);
    expect(detailOf(said)).toBe(said);
  });

  test.each([
    ['the digits 71317a', 'the digits ***'],
    ['cA==', '***'],
  ])('is struck where it is encoded as a whole: %s', (said, told) => {
    void new Secret('p');
    expect(detailOf(said)).toBe(told);
  });

  test('stays in our own words, whose JSON a number would break', () => {
    void new Secret('7');
    expect(withoutSecrets('{"bytes":7}')).toBe('{"bytes":7}');
  });

  test('is not struck when it is a name', () => {
    void new Secret('zroot', 'name');
    expect(detailOf('log in as zroot')).toBe('log in as zroot');
  });
});
