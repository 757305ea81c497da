/** Options of a command that the next one needs as well; what was not given is undefined. */
export interface CalledWith {
  readonly chdir?: string | undefined;
  readonly trust?: string | undefined;
}

/** How a saved plan is applied, typed where the command was typed that says it. A trust policy that is left out would not be held to. */
export const applyCommand = (path: string, { chdir, trust }: CalledWith = {}): string =>
  ['migplan', 'apply', path, ...option('--chdir', chdir), ...option('--trust', trust)].map(shellWord).join(' ');

const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);

/** As a shell takes it for one word. */
const shellWord = (text: string): string => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
