import { textTrial } from './manifest-trial.js';
import type { Trial } from './tried.js';

export const nightly = '  windows: {nightly: {cron: "0 22 * * *", duration: 6h, timezone: Europe/Madrid}}';
export const ports = (entry: string): string => `  target: {provider: cloud, server: {flavor: m1.large, networks: [${entry}]}}`;
export const target = (rest: string): string => `  target: {provider: cloud, ${rest}}`;
/** The target of the spec is written anew: a field may stand once. */
export const retarget = (advice: string, bad: string, good: string): Trial =>
  textTrial(
    advice,
    (text) => text.replace(/^ {2}target: .*$/m, bad),
    (text) => text.replace(/^ {2}target: .*$/m, good),
  );
export const resource = (advice: string, bad: string, good: string): Trial =>
  textTrial(
    advice,
    (text) => text.replace(/^ {2}source: .*$/m, bad),
    (text) => text.replace(/^ {2}source: .*$/m, good),
  );
export const span = (rest: string): string => `  window: {${rest}}`;
