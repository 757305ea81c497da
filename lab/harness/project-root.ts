import { fileURLToPath } from 'node:url';

/** The project's root, from dist/lab/harness as well as from lab/harness. */
export const projectRoot = fileURLToPath(new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url));
