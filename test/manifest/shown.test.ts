import { expect, test } from 'vitest';
import { askStarting } from '../../src/cli/ask-starting.js';
import { quoted } from '../../src/manifest/base/problem.js';

const PASSWORD = 'pl4nted';

// Somebody writes a login where an address is wanted. What is wrong with it is told, and the password is not.
test.each([
  [`https://root:${PASSWORD}@vc/sdk`, '"https://***@vc/sdk"'],
  [`root:${PASSWORD}@vc`, '"***@vc"'],
  [`root:a/${PASSWORD}@vc`, '"***@vc"'],
  [`https://root:a/${PASSWORD}@vc`, '"https://***@vc"'],
  [`https://root:a@${PASSWORD}@vc`, '"https://***@vc"'],
  [`nbd://${PASSWORD}@host/x`, '"nbd://***@host/x"'],
  [`see https://root:${PASSWORD}@vc and root:${PASSWORD}@other`, '"see https://***@vc and ***@other"'],
  [`${PASSWORD.repeat(20)}:${PASSWORD}@vc`, '"***@vc"'],
])('%s is shown without its login', (text, told) => {
  expect(quoted(text)).toBe(told);
});

test.each(['alice@example.com', 'administrator@vsphere.local', 'https://vc/a', 'a:b', 'vm@2 of 3:4'])(
  '%s is shown whole',
  (text) => {
    expect(quoted(text)).toBe(`"${text}"`);
  },
);

test('init does not tell it either', async () => {
  const refused = await askStarting({ vcenter: `root:${PASSWORD}@vc` }, {}).catch((error: unknown) => JSON.stringify(error));
  expect(refused).toContain('is not HOST or HOST:PORT');
  expect(refused).not.toContain(PASSWORD);
});
