import { expect, test } from 'vitest';
import { NAME_LENGTH_MIN, nameLengthMaxIn, unfitAddress } from '../../src/model/state-address.js';

test.each([
  ['https://h/{name}', undefined],
  ['http://[::1]:8080/a/b-{name}-c?state={name}', undefined],
  ['h/{name}', 'is no URL'],
  ['ftp://h/{name}', 'is no URL of http or https'],
  ['https://hunter22@h/{name}', 'has a login in it, which belongs into user and password'],
  ['https://:hunter22@h/{name}', 'has a login in it, which belongs into user and password'],
  ['https://h/{name}#hunter22', 'has a part after #, which no server is sent'],
  ['https://{name}.h/', 'has no {name} in its path, where the name of a state goes'],
  ['https://h/x', 'has no {name} in its path, where the name of a state goes'],
  [`https://h/${'a'.repeat(155)}{name}/b`, undefined],
  [`https://h/${'a'.repeat(156)}{name}/b`, 'leaves no room for a name: what stands around {name} is too long'],
])('%s: %s', (address, why) => expect(unfitAddress(address)).toBe(why));

test('a name has the room that what stands around it leaves', () => {
  expect(nameLengthMaxIn('https://h/a/{name}/lock')).toBe(255);
  expect(nameLengthMaxIn('https://h/a/ab-{name}?x=1')).toBe(252);
  expect(nameLengthMaxIn(`https://h/${'a'.repeat(155)}{name}`)).toBe(NAME_LENGTH_MIN);
});
