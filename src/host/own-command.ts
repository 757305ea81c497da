import { isAbsolute, resolve } from 'node:path';
import type { OwnCommand } from '../model/own-command.js';
import { findProgram } from './program.js';

/** Absolute path of its program: a name is looked up in PATH. undefined: there is none that can be run. */
export function findOwnCommand({ argv: [name], folder }: OwnCommand): Promise<string | undefined> {
  return findProgram(name.includes('/') && !isAbsolute(name) ? resolve(folder, name) : name);
}
