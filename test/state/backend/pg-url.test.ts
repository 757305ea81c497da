import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DiagnosticsError } from '../../../src/diag/diagnostic.js';
import { parsePgUrl } from '../../../src/state/backend/pg-url.js';

const read = (url: string) => {
  const { password, ...rest } = parsePgUrl(url);
  return { ...rest, ...(password === undefined ? {} : { password: password.reveal() }) };
};

test.each<[string, ReturnType<typeof read>]>([
  ['postgresql://db.example.com/state', { host: 'db.example.com', port: 5432, database: 'state', tls: true }],
  [
    'postgres://migplan:s%40c%2Fret@db:6432/state?sslmode=disable',
    { host: 'db', port: 6432, user: 'migplan', password: 's@c/ret', database: 'state', tls: false },
  ],
  ['postgresql://[2001:db8::5]:5433/state', { host: '2001:db8::5', port: 5433, database: 'state', tls: true }],
  ['postgresql://127.0.0.1/state', { host: '127.0.0.1', port: 5432, database: 'state', tls: false }],
  ['postgresql://127.0.0.1/state?sslmode=verify-full', { host: '127.0.0.1', port: 5432, database: 'state', tls: true }],
  ['postgresql:///state?host=/run/postgresql', { host: '/run/postgresql', port: 5432, database: 'state', tls: false }],
  [
    'postgresql://me@/state?host=%2Frun%2Fpostgresql&port=5444',
    { host: '/run/postgresql', port: 5444, user: 'me', database: 'state', tls: false },
  ],
])('%s', (url, expected) => {
  expect(read(url)).toEqual(expected);
});

const SECRET = 'Xy7secretXy7';
test.each([
  ['', 'is no URL'],
  [`mysql://u:${SECRET}@h/d`, 'is no URL of the form postgresql://'],
  [`postgresql://u:${SECRET}@h`, 'names no database'],
  [`postgresql://u:${SECRET}@/d`, 'names no host'],
  [`postgresql://u:${SECRET}%zz@h/d`, 'has a % that no two hexadecimal digits follow'],
  [`postgresql://u:${SECRET}@h/d?sslmode=prefer`, 'has an sslmode that is none of disable, require, verify-ca, verify-full'],
  [`postgresql://u:${SECRET}@h/d?sslrootcert=/x`, 'has parameters besides host, port and sslmode'],
  [`postgresql://u:${SECRET}@h/d?port=0`, 'has a port that is none'],
  [`postgresql://u:${SECRET}#x@h/d`, 'is no URL'],
])('%s is told, and nothing of it is repeated', (url, why) => {
  const failure = (() => {
    try {
      return parsePgUrl(url);
    } catch (error) {
      return error;
    }
  })();
  expect(failure).toBeInstanceOf(DiagnosticsError);
  const { diagnostics } = failure as DiagnosticsError;
  expect(diagnostics).toMatchObject([{ code: 'MP3033', detail: expect.stringContaining(why) }]);
  expect(JSON.stringify(diagnostics)).not.toContain(SECRET);
});

test('any user and password come through when they are encoded', () => {
  const words = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.\.?$/.test(text));
  fc.assert(
    fc.property(words, words, words, (user, word, database) => {
      // Every password is held as a secret from then on: no word that others say.
      const password = `Pw7qZ${word}`;
      const url = `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h/${encodeURIComponent(database)}`;
      expect(read(url)).toMatchObject({ user, password, database, host: 'h' });
    }),
  );
});
