/** What bin/run.js needs of the framework: an entry of the bundle. */
import { settings } from '@oclif/core';

// With NODE_ENV=test or development it looks for sources and a compiler, and warns of what it does not find.
settings.enableAutoTranspile = false;

export { flush, handle, run } from '@oclif/core';
