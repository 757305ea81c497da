import { Chalk } from 'chalk';

/** The few colours migplan uses, by meaning. */
export interface Style {
  readonly create: (text: string) => string;
  readonly update: (text: string) => string;
  readonly danger: (text: string) => string;
  readonly blocked: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
}

export interface ColourChoice {
  readonly isTerminal: boolean;
  /** --no-color. */
  readonly off?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Colour on a terminal only; NO_COLOR, TERM=dumb and --no-color switch it off, FORCE_COLOR on. */
export function style({ isTerminal, off = false, env = process.env }: ColourChoice): Style {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  const refused = off || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const chalk = new Chalk({ level: !refused && (isTerminal || forced) ? 1 : 0 });
  return {
    create: chalk.green,
    update: chalk.yellow,
    danger: chalk.red.bold,
    blocked: chalk.red,
    strong: chalk.bold,
    quiet: chalk.dim,
  };
}
