import { createInterface } from 'node:readline';

/** Asks at a terminal. undefined: the input ended, or Ctrl-C was pressed. */
export function ask(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stdout,
): Promise<string | undefined> {
  const prompt = createInterface({ input, output });
  return new Promise((resolve) => {
    // Without a line break of its own, what follows would stand behind the question.
    const giveUp = () => {
      output.write('\n');
      resolve(undefined);
    };
    prompt.on('SIGINT', () => prompt.close());
    prompt.on('close', giveUp);
    prompt.question(question, (answer) => {
      prompt.off('close', giveUp);
      prompt.close();
      resolve(answer);
    });
  });
}
