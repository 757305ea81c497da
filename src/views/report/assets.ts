import { readFileSync } from 'node:fs';
import type { PageAssets } from './page.js';

/** Made by the build; the bundle has both in it. Asked for by who makes a page: other commands read nothing. */
export const pageAssets = (): PageAssets => ({
  style: readFileSync(new URL('style.css', import.meta.url), 'utf8'),
  script: readFileSync(new URL('script.js', import.meta.url), 'utf8'),
});
