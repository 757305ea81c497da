import { expect, test } from 'vitest';
import { checkConfig } from './check-config.js';
import { worldWith } from './test-world.js';
import type { WorldConfig } from './world-config.js';

test('a good configuration', () => expect(() => checkConfig(worldWith())).not.toThrow());

test.each([
  { name: 'mistyped switch of a VM', config: worldWith({ cbtEnable: true } as object), error: 'vm web01: no field "cbtEnable"' },
  { name: 'mistyped section', config: worldWith({}, { ctb: {} } as Partial<WorldConfig>), error: 'world: no field "ctb"' },
  {
    name: 'unknown network',
    config: worldWith({ nics: [{ mac: '00:50:56:00:00:01', network: 'dmz' }] }),
    error: 'no network "dmz"',
  },
])('$name', ({ config, error }) => expect(() => checkConfig(config)).toThrow(error));
