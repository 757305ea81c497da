import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openStreams } from '../../src/views/streams.js';

/** Takes so many writes, then fails with the code each time. */
class Failing extends Writable {
  readonly taken: string[] = [];
  constructor(
    private readonly code: string,
    private left: number,
  ) {
    super({ autoDestroy: false, emitClose: false });
  }
  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.left-- > 0) {
      this.taken.push(chunk.toString());
      return done();
    }
    done(Object.assign(new Error(`${this.code}: write`), { code: this.code }));
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test.each(['EIO', 'ENOSPC', 'EPIPE'])('a stream that fails with %s goes mute; the other one goes on', async (code) => {
  const stdout = new Failing(code, 1);
  const stderr = new Failing('EIO', 9);
  // As the command line framework does.
  stdout.on('error', (error) => {
    throw error;
  });
  const streams = openStreams(stdout, stderr);
  streams.out('one');
  for (let line = 0; line < 3; line++) {
    streams.out('lost');
    await settled();
  }
  streams.err('still here');
  await settled();
  expect(stdout.taken).toEqual(['one']);
  expect(stderr.taken).toEqual(['still here']);
  expect(streams.lost()).toBe(code === 'EPIPE' ? undefined : code);
});
