import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';

export interface RawCall {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly ca?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** One request with a connection of its own, methods such as LOCK too. Rejects when the connection is cut. */
export const rawCall = ({ method, url, headers = {}, body, ca }: RawCall): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const isTls = url.startsWith('https:');
    const send = isTls ? httpsRequest : httpRequest;
    // Node gives a DELETE no length of its own accord, and the body would be taken for a second request.
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const call = send(
      url,
      { method, headers: { ...headers, ...length }, ...(isTls ? { ca } : { agent: new Agent() }) },
      (answer) => {
        buffer(answer).then(
          (bytes) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes.toString('utf8') }),
          reject,
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });

export const basic = (user: string, secret: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
});
