import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'migplan';

/** `migplan/<version>`: as servers are told, who may show it. Sources and compiled files lie at different depths. */
export function userAgent(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const version = packageVersion(join(folder, 'package.json'));
    if (version !== undefined) return `${PACKAGE}/${version}`;
  }
  return PACKAGE;
}

function packageVersion(file: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    return name === PACKAGE ? version : undefined;
  } catch {
    return undefined;
  }
}
