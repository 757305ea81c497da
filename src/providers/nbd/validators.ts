import { Ajv, type Options } from 'ajv';
import { machineSchema } from './machine-schema.js';

export const validatorOptions = { allErrors: true, verbose: true, strictRequired: false } as const satisfies Options;

export const validatedSchemas = { machine: machineSchema };

/** What is shipped has it compiled before: scripts/build.mjs. */
export const validators = { machine: new Ajv(validatorOptions).compile(validatedSchemas.machine) };
