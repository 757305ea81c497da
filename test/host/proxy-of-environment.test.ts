import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { type Endpoint, proxyFor } from '../../src/host/proxy-of-environment.js';
import { withoutSecrets } from '../../src/host/secret.js';

const endpoint = (url: string): Endpoint => {
  const { protocol, hostname, port } = new URL(url);
  const usual = protocol === 'http:' ? 80 : 443;
  return { protocol: protocol as Endpoint['protocol'], host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || usual };
};
const proxy = (env: Record<string, string>, url = 'https://vc.example.com') => {
  const found = proxyFor(endpoint(url), env);
  return found && `${found.variable} ${found.tls ? 'tls ' : ''}${found.host}:${found.port}`;
};

describe('which variable counts', () => {
  test.each<[string, Record<string, string>, string, string | undefined]>([
    ['none', {}, 'https://vc', undefined],
    ['capitals', { HTTPS_PROXY: 'http://p:3128' }, 'https://vc', 'HTTPS_PROXY p:3128'],
    ['small letters first', { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:2' }, 'https://vc', 'https_proxy q:2'],
    ['an empty one is none', { https_proxy: '', HTTPS_PROXY: 'p:1' }, 'https://vc', 'HTTPS_PROXY p:1'],
    ['all', { ALL_PROXY: 'http://p:1' }, 'https://vc', 'ALL_PROXY p:1'],
    ['that for http is not for https', { http_proxy: 'http://p:1' }, 'https://vc', undefined],
    ['nor the other way', { https_proxy: 'http://p:1' }, 'http://cloud:5000', undefined],
    ['http', { http_proxy: 'http://p:1' }, 'http://cloud:5000', 'http_proxy p:1'],
    ['without a scheme', { https_proxy: 'p.example.com:3128' }, 'https://vc', 'https_proxy p.example.com:3128'],
    ['without a port', { https_proxy: 'http://p' }, 'https://vc', 'https_proxy p:1080'],
    ['a usual port that is written', { https_proxy: 'http://p:80/' }, 'https://vc', 'https_proxy p:80'],
    ['over TLS', { https_proxy: 'https://p:8443' }, 'https://vc', 'https_proxy tls p:8443'],
    ['an IPv6 address', { https_proxy: 'http://[2001:db8::1]:3128' }, 'https://vc', 'https_proxy 2001:db8::1:3128'],
  ])('%s', (_name, env, url, expected) => {
    expect(proxy(env, url)).toBe(expected);
  });

  test.each(['socks5://p:1080', 'http://', 'http://p:99999', 'http://%zz@p', '::::'])(
    '%s is refused by its name, without its value',
    (value) => {
      const refusal = (() => {
        try {
          return proxy({ HTTPS_PROXY: value });
        } catch (error) {
          return error;
        }
      })();
      expect(refusal).toBeInstanceOf(DiagnosticsError);
      expect((refusal as DiagnosticsError).diagnostics).toMatchObject([
        { code: 'MP1050', detail: 'HTTPS_PROXY is no URL of an HTTP proxy' },
      ]);
    },
  );

  test('what is exempt does not even read the other variable', () => {
    expect(proxy({ HTTPS_PROXY: 'socks5://p', NO_PROXY: '*' })).toBeUndefined();
  });

  test('its password is a secret of this process, however it is written', () => {
    const found = proxyFor(endpoint('https://vc'), { https_proxy: 'http://svc:p%40ss%3Aword-77@p:1' });
    expect(Buffer.from(found!.authorization!.reveal().slice('Basic '.length), 'base64').toString()).toBe('svc:p@ss:word-77');
    expect(withoutSecrets('p@ss:word-77 p%40ss%3Aword-77')).toBe('*** ***');
    expect(JSON.stringify(found)).not.toContain('word');
  });
});

describe('NO_PROXY', () => {
  test.each<[string, string, boolean]>([
    ['*', 'https://vc.example.com', true],
    ['vc.example.com', 'https://vc.example.com', true],
    ['VC.Example.Com', 'https://vc.example.com', true],
    ['example.com', 'https://vc.example.com', true],
    ['.example.com', 'https://vc.example.com', true],
    ['*.example.com', 'https://vc.example.com', true],
    ['.example.com', 'https://example.com', true],
    ['ample.com', 'https://vc.example.com', false],
    ['vc', 'https://vc.example.com', false],
    ['a.b, example.com', 'https://vc.example.com', true],
    ['a.b example.com', 'https://vc.example.com', true],
    [',', 'https://vc.example.com', false],
    ['example.com.', 'https://vc.example.com', true],
    ['10.0.0.5', 'https://10.0.0.5', true],
    ['10.0.0.0/8', 'https://10.66.0.88:443', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/8', 'https://vc.example.com', false],
    ['0.0.5', 'https://10.0.0.5', false],
    ['2001:db8::/32', 'https://[2001:db8::7]', true],
    ['[2001:db8::7]', 'https://[2001:DB8:0::7]', true],
    ['2001:db8::7', 'https://[2001:db8::7]', true],
    ['vc.example.com:8443', 'https://vc.example.com:8443', true],
    ['vc.example.com:8443', 'https://vc.example.com', false],
    ['[2001:db8::7]:443', 'https://[2001:db8::7]', true],
    ['localhost', 'https://127.0.0.1', false],
    ['10.0.0.0/abc', 'https://10.0.0.1', false],
  ])('%s, %s: exempt %s', (list, url, isExempt) => {
    for (const name of ['no_proxy', 'NO_PROXY'])
      expect(proxy({ https_proxy: 'http://p:1', [name]: list }, url) === undefined).toBe(isExempt);
  });
});
