export { openNbd } from './nbd-source.js';
