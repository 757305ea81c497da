/** What bin/run.js needs of the framework: an entry of the bundle. */
export { flush, handle, run } from '@oclif/core';
