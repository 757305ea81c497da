const ESCAPES: Readonly<Record<string, string>> = { '%': '%25', '/': '%2f', '\\': '%5c' };

/** vCenter keeps `%`, `/` and `\` of names escaped. */
export const decodeName = (name: string): string => name.replace(/%(25|2f|5c)/gi, (escaped) => decodeURIComponent(escaped));

export const encodeName = (name: string): string => name.replace(/[%/\\]/g, (character) => ESCAPES[character]!);

/**
 * A path as SearchIndex wants it: `DC1/vm/erp/db%2f01`. People may write a `%` of a name as it is shown, or escaped as
 * vCenter keeps it; a `/` inside a name they have to escape.
 */
export function searchPath(path: string): string {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => encodeName(decodeName(segment)))
    .join('/');
}

/** Whether a selector is a mere name, without a folder. */
export const isBareName = (path: string): boolean => !path.replace(/^\//, '').includes('/');
