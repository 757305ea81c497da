import { expect, test } from 'vitest';
import { silence } from '../../../src/providers/openstack/http/errors.js';

const site = { provider: 'prod', call: 'GET /volumes' };
const said = (cause: unknown, url: string): string => silence(site, cause, url).details.detail;

test('who does not answer is named with host and port, whatever the system said', () => {
  expect(said(new Error('Headers Timeout Error'), 'https://cinder.example.com/v3/x?limit=1')).toBe(
    'cinder.example.com:443: Headers Timeout Error',
  );
  expect(said(new Error('getaddrinfo ENOTFOUND'), 'http://keystone:5000/v3')).toBe('keystone:5000: getaddrinfo ENOTFOUND');
});

test('a host with several addresses has words too', () => {
  const cause = new AggregateError([
    new Error('connect ECONNREFUSED ::1:8776'),
    new Error('connect ECONNREFUSED 127.0.0.1:8776'),
  ]);
  expect(said(cause, 'https://localhost:8776/v3')).toBe(
    'localhost:8776: connect ECONNREFUSED ::1:8776; connect ECONNREFUSED 127.0.0.1:8776',
  );
});
