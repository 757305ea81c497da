import { Ajv, type Options } from 'ajv';
import { manifestSchemas, resolvedMigrationSchema, trustPolicySchema } from '../schema/schema.js';

export const validatorOptions = {
  allErrors: true,
  verbose: true,
  discriminator: true,
  allowUnionTypes: true,
  strictRequired: false,
} as const satisfies Options;

export const validatedSchemas = { ...manifestSchemas, resolved: resolvedMigrationSchema, TrustPolicy: trustPolicySchema };

const ajv = new Ajv(validatorOptions);

/** Compiling them takes longer than checking a thousand manifests, so what is shipped has them compiled before: scripts/build.mjs. */
export const validators = {
  Project: ajv.compile(validatedSchemas.Project),
  Migration: ajv.compile(validatedSchemas.Migration),
  resolved: ajv.compile(validatedSchemas.resolved),
  TrustPolicy: ajv.compile(validatedSchemas.TrustPolicy),
};
