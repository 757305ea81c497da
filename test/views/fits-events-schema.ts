import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'vitest';

interface EventsSchema {
  readonly oneOf: readonly { readonly properties: { readonly type: { readonly const: string } } }[];
  readonly definitions: object;
}

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/events.schema.json'), 'utf8')) as EventsSchema;
const ajv = new Ajv({ allErrors: true, strict: true });
const whole = ajv.compile(schema);
const { definitions } = schema;
const byType = new Map(schema.oneOf.map((event) => [event.properties.type.const, ajv.compile({ definitions, ...event })]));

/** Every line of a stream is one object that the published schema describes. */
export function expectEvents(text: string): void {
  for (const line of text.trimEnd().split('\n')) {
    const event = JSON.parse(line) as { readonly type: string };
    const validate = byType.get(event.type);
    expect(validate, `type of ${line}`).toBeDefined();
    validate!(event);
    expect(validate!.errors ?? [], line).toEqual([]);
    expect(whole(event), line).toBe(true);
  }
}
