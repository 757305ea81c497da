import { expect, test } from 'vitest';
import { interruptible } from '../../../src/host/interruption.js';
import { Together } from '../../../src/state/backend/together.js';

/** Answers when it is told to: what was asked in each request, and what came too late for who asked. */
function server({ most = 100 } = {}) {
  const requests: string[][] = [];
  const late: string[] = [];
  let answered = (_how: 'answers' | 'fails'): void => undefined;
  const how = new Promise<'answers' | 'fails'>((resolve) => {
    answered = resolve;
  });
  const together = new Together<string, string>({
    nameOf: (key) => key.slice(0, 1),
    most,
    late: (key, value) => late.push(`${key} ${value}`),
    answer: async (keys) => {
      requests.push([...keys]);
      if ((await how) === 'fails') throw new Error('no answer');
      return keys.map((key) => key.toUpperCase());
    },
  });
  return { together, requests, late, answered };
}

test('what is asked in one turn is one request, and each gets its own answer', async () => {
  const { together, requests, answered } = server();
  answered('answers');
  const all = Promise.all(['a', 'b', 'c'].map((key) => together.ask(key)));
  expect(await all).toEqual(['A', 'B', 'C']);
  expect(await together.ask('d')).toBe('D');
  expect(requests).toEqual([['a', 'b', 'c'], ['d']]);
});

test('two of one name, and more than go together, are requests of their own', async () => {
  const { together, requests, answered } = server({ most: 2 });
  answered('answers');
  expect(await Promise.all(['a1', 'a2', 'b', 'c', 'a3'].map((key) => together.ask(key)))).toEqual(['A1', 'A2', 'B', 'C', 'A3']);
  expect(requests).toEqual([['a1', 'b'], ['a2', 'c'], ['a3']]);
});

test('what fails fails for all who asked, and not for who asks later', async () => {
  const { together, answered } = server();
  const ends = Promise.allSettled(['a', 'b'].map((key) => together.ask(key)));
  answered('fails');
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('whoever asked first and is interrupted waits no longer: the others do, and its answer is given to who clears up', async () => {
  const { together, late, answered } = server();
  const stop = new AbortController();
  const first = interruptible(stop.signal, () => together.ask('a'));
  const second = together.ask('b');
  stop.abort(new Error('stop'));
  await expect(first).rejects.toThrow('stop');
  expect(late).toEqual([]);
  answered('answers');
  expect(await second).toBe('B');
  expect(late).toEqual(['a A']);
});

test('what is asked after somebody said stop, by who gives back, is answered', async () => {
  const { together, answered } = server();
  answered('answers');
  expect(await interruptible(AbortSignal.abort(), () => together.ask('a'))).toBe('A');
});
