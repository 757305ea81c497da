import { expect } from 'vitest';
import { type Endpoint, proxyFor } from '../../src/host/proxy-of-environment.js';
import { refused, stepOf, type Trial } from './tried.js';

const advice = 'write it as http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ before HOST where it wants a login';
const endpoint: Endpoint = { protocol: 'https:', host: 'vc.example.com', port: 443 };

export const proxyTrials: readonly Trial[] = [
  {
    advice,
    run: async () => {
      const step = stepOf(await refused(() => proxyFor(endpoint, { HTTPS_PROXY: 'socks5://10.0.0.1:1080' })), advice);
      const [urls, login] = [[...step.matchAll(/https?:\/\/HOST:PORT/g)].map(([url]) => url), /USER:PASSWORD@/.exec(step)![0]];
      for (const url of urls.flatMap((one) => [one, one.replace('HOST', `${login}HOST`)])) {
        const written = url.replace('PASSWORD', 'correct-horse').replace('HOST', '10.0.0.1').replace('PORT', '3128');
        expect(proxyFor(endpoint, { HTTPS_PROXY: written })).toMatchObject({ host: '10.0.0.1', port: 3128 });
      }
    },
  },
];
