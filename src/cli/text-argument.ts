import { Args } from '@oclif/core';

/**
 * Arguments without a dash. The framework would take one that is left out from standard input, which belongs to whoever called: in a
 * `while read` loop of a script it is the list of what comes next.
 */
export const requiredArgument = (description: string) => Args.string({ description, required: true, ignoreStdin: true });

export const optionalArgument = (description: string) => Args.string({ description, ignoreStdin: true });
