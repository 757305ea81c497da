/** Options of a command that the next one needs as well; what was not given is undefined. */
export interface CalledWith {
  readonly chdir?: string | undefined;
  readonly trust?: string | undefined;
  /** Of a new plan only: a saved one has the environment it was made with. */
  readonly env?: string | undefined;
}

/** How a saved plan is applied, typed where the command was typed that says it. A trust policy that is left out would not be held to. */
export const applyCommand = (path: string, { chdir, trust }: CalledWith = {}): string =>
  commandLine(['migplan', 'apply', path], { chdir, trust });

/** A command of ours for the folder and by the policy that were named to the one that advises it. */
export const commandLine = (words: readonly string[], { chdir, trust }: CalledWith = {}): string =>
  [...words, ...option('--chdir', chdir), ...option('--trust', trust)].map(shellWord).join(' ');

export const planCommand = ({ env, ...calledWith }: CalledWith = {}): string =>
  commandLine(['migplan', 'plan', ...option('--env', env)], calledWith);

const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);

/** As a shell takes it for one word. */
const shellWord = (text: string): string => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
