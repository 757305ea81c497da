import { describe, expect, test } from 'vitest';
import { struck } from '../../src/engine/bundle/strike.js';
import { struckYaml } from '../../src/engine/bundle/strike-yaml.js';
import { Secret } from '../../src/host/secret.js';

// Goal: what somebody sends for help has no secret in it, although this process has never heard of it. Method: each way in which
// programs, clouds and people write one.
const SECRET = 'Zx9-q_planted';

describe('what looks like a secret is struck', () => {
  test.each([
    `password=${SECRET}`,
    `OS_PASSWORD=${SECRET}`,
    `Password: ${SECRET} and more ${SECRET}`,
    `{"auth": {"password": "${SECRET}", "user": "demo"}}`,
    `{"detail": "POST said {\\"adminPass\\": \\"${SECRET}\\"}"}`,
    `{"a":{"client_secret":"x\\"${SECRET}"},"b":1}`,
    `{"token": ["${SECRET}"]}`,
    `{"password":{"value":"${SECRET}"}}`,
    `X-Auth-Token: ${SECRET}`,
    `> "X-Subject-Token": "${SECRET}"`,
    `authorization: Basic ${btoa(`demo:${SECRET}`)}`,
    `Cookie: vmware_soap_session="${SECRET}"`,
    `vmware_soap_session=${SECRET}; Path=/`,
    `Bearer ${SECRET}${SECRET}`,
    `https://demo:${SECRET}@keystone.example.com/v3`,
    `proxy http://demo:p@ss${SECRET}@10.0.0.1:3128`,
    `<password>${SECRET}</password>`,
    `<vim:password xsi:type="xsd:string">${SECRET}</vim:password>`,
    `nbdkit --password ${SECRET} --run`,
    `curl --os-auth-token=${SECRET}`,
    `SLACK_WEBHOOK=https://chat.example.com/hooks/${SECRET}`,
    `POST https://hooks.slack.com/services/T0/${SECRET} failed`,
    `passphrase => '${SECRET}'`,
    `-----BEGIN OPENSSH PRIVATE KEY-----\n2026 #1 ${SECRET}\n2026 #1 -----END OPENSSH PRIVATE KEY-----`,
    `-----BEGIN RSA PRIVATE KEY-----\\n${SECRET}\\n and the line was cut`,
  ])('%s', (text) => expect(struck(text)).not.toContain(SECRET));

  test.each([
    'gAAAAABmVf0aZkd8Zs3nQ0w9cX1b2v3',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    'xoxb-1234-abcdefgh',
    `ghp_${'a1'.repeat(18)}`,
  ])('a token that stands alone: %s', (token) =>
    expect(struck(`the cloud said ${token} is over`)).toBe('the cloud said *** is over'),
  );

  test('one that this process knows goes in all its forms', () => {
    void new Secret('correct horse&battery');
    const text = `said correct horse&battery, correct%20horse%26battery, correct horse&amp;battery, ${btoa('demo:correct horse&battery')}`;
    expect(struck(text)).not.toMatch(/horse|Y29ycmVjdC/);
  });
});

// Looked at from every place to the end of the word, two million signs would take days.
test.each(['a', 'a.', '-', 'webhook', 'https:', '<a:', 'token ', 'eyJ', '\\"', '-----BEGIN PRIVATE KEY-----'])(
  'a line of two million signs, all of them %j, takes no longer than its length',
  (sign) => expect(struck(sign.repeat(2_000_000 / sign.length)).length).toBeGreaterThan(0),
);

describe('what is no secret stays', () => {
  test.each([
    'nbdkit: vddk[1]: error: VixDiskLib_Open: The file cannot be found',
    '{"at":"2026-06-01T00:00:00Z","event":"progress","bytesDone":4096,"bytesTotal":8192}',
    'user: env:GOVC_USERNAME',
    'password: env:GOVC_PASSWORD # of the vCenter',
    '{type: vmware, password: env:VC_PASSWORD, reader: {type: vddk}}',
    '"secret_refs": "env:OS_PASSWORD"',
    'rbd:volumes/volume-1@snapshot-2',
  ])('%s', (text) => expect(struck(text)).toBe(text));

  test('JSON is JSON still', () => {
    const text = '{"token":12345,"password":null,"x":{"api_key":["a","b"],"n":1},"cookie":"c","end":true}';
    expect(JSON.parse(struck(text))).toMatchObject({ x: { n: 1 }, end: true });
  });
});

describe('YAML', () => {
  test.each([
    `spec:\n  password: |\n    ${SECRET}\n    ${SECRET}\n  next: 1\n`,
    `spec:\n  admin_password:\n    ${SECRET}\n  next: 1\n`,
    `spec: {next: 1, password: "a\n  ${SECRET}"}\n`,
    `spec:\n  token: [${SECRET},\n    ${SECRET}]\n  next: 1\n`,
    `spec:\n  password: first\n    ${SECRET}\n  next: 1\n`,
    `spec:\n  "api-key": '${SECRET}' # note\n  next: 1\n`,
    `spec:\n  secrets:\n    one: ${SECRET}\n  next: 1\n`,
    `not: [valid\npassword: ${SECRET}\n`,
  ])('%j', (text) => {
    const clean = struckYaml(text);
    expect(clean).not.toContain(SECRET);
    expect(clean.split('\n').length).toBe(text.split('\n').length);
  });

  test('references, comments and lines stay', () => {
    const text = '# ours\nspec:\n  password: env:X\n  notify:\n    webhook: {url: "env:HOOK", timeout: 5s}\n';
    expect(struckYaml(text)).toBe(text);
  });
});
