import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { commandsFor, lastWords } from './commands.js';
import { quote } from './shell-commands.js';

/** Answers the wrapper's questions for readers with this library folder, in the place of a program that is started for each. */
export async function answerIn(libdir: string): Promise<Server> {
  const server = createServer((request, response) => {
    void text(request).then(async (body) => response.end(await answerTo(body)));
  });
  await new Promise<void>((listening) => server.listen(join(libdir, 'answers'), listening));
  return server.unref();
}

/** The words that the wrapper sends end with a NUL each. */
async function answerTo(body: string): Promise<string> {
  const [ownDirectory = '', pid = '', path = '', taken = '', password = '', ...args] = body.split('\0').slice(0, -1);
  const start = { ownDirectory, pid: Number(pid), path, password: taken === '' ? undefined : password, args };
  try {
    return await commandsFor(start);
  } catch (error) {
    return `printf '%s\\n' ${quote(lastWords(error))} >&2; exit 1`;
  }
}
