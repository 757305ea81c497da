import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { own } from '../../../model/own.js';
import { notConfigured } from './not-configured.js';

export type Environment = Readonly<Record<string, string | undefined>>;
/** A part of clouds.yaml: keys of a cloud with `_`, numbers turned into text, as openstacksdk normalizes them. */
export type CloudSection = { readonly [key: string]: CloudValue };
export type CloudValue = string | boolean | null | CloudSection | readonly CloudValue[];

export interface CloudsFile {
  /** Absent when no file was found. */
  readonly path?: string;
  readonly clouds: CloudSection;
}

const SUFFIXES = ['yaml', 'yml', 'json'] as const;

export const isSection = (value: CloudValue | undefined): value is CloudSection =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The first clouds.yaml of openstacksdk's search path with secure.yaml laid over it
 * (openstacksdk doc/source/user/config/configuration.rst). One that is not valid YAML, or that a variable names and cannot be
 * read, is an error here, not skipped: skipping would silently pick another cloud.
 */
export function readCloudsFile(env: Environment, cwd: string): CloudsFile {
  const read = (stem: string, variable: string): ReadFile | undefined => {
    const named = own(env, variable);
    const file = firstFile(candidates(stem, named, { env, cwd }));
    if (named && file?.path !== resolve(cwd, named)) throw notRead(variable, resolve(cwd, named));
    return file;
  };
  const file = read('clouds', 'OS_CLIENT_CONFIG_FILE');
  const secure = read('secure', 'OS_CLIENT_SECURE_FILE');
  const clouds = mergeSections(cloudsOf(file), cloudsOf(secure));
  const found = file ?? secure;
  return found === undefined ? { clouds } : { path: found.path, clouds };
}

/** All paths that are looked at for `clouds` or `secure`, first wins. */
export function candidates(stem: string, override: string | undefined, place: { env: Environment; cwd: string }): string[] {
  const paths = searchFolders(place.env, place.cwd).flatMap((folder) =>
    SUFFIXES.map((suffix) => join(folder, `${stem}.${suffix}`)),
  );
  return override ? [resolve(place.cwd, override), ...paths] : paths;
}

export const expandHome = (path: string, env: Environment): string =>
  path === '~' || path.startsWith('~/') ? join(env['HOME'] || homedir(), path.slice(1)) : path;

/** Deep; what stands in `over` wins. */
export function mergeSections(base: CloudSection, over: CloudSection): CloudSection {
  const changed = Object.entries(over).map(([key, value]): [string, CloudValue] => {
    const below = own(base, key);
    return [key, isSection(below) && isSection(value) ? mergeSections(below, value) : value];
  });
  return { ...base, ...Object.fromEntries(changed) };
}

function searchFolders(env: Environment, cwd: string): string[] {
  const home = env['HOME'] || homedir();
  const userConfig = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const siteConfig = (env['XDG_CONFIG_DIRS'] || '/etc/xdg').split(':').filter((folder) => folder !== '');
  const configFolders = [userConfig, join(home, '.config'), ...siteConfig].map((folder) => join(folder, 'openstack'));
  return [...new Set([cwd, ...configFolders, '/etc/openstack'])];
}

interface ReadFile {
  readonly path: string;
  readonly value: CloudValue;
}

function firstFile(paths: readonly string[]): ReadFile | undefined {
  for (const path of paths) {
    const text = readIfPossible(path);
    if (text !== undefined) return { path, value: parseClouds(path, text) };
  }
  return undefined;
}

const notRead = (variable: string, path: string): Error =>
  notConfigured(`${variable} names ${path}, which cannot be read; another file is not taken in its place`, [
    `name the file that is meant, or run: unset ${variable}`,
  ]);

/** Missing and unreadable files of the search path are passed over, as openstacksdk does. */
function readIfPossible(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** YAML 1.1 as PyYAML reads it (`verify: no`), of which JSON is a part. Big numbers keep their digits. */
function parseClouds(path: string, text: string): CloudValue {
  const document = parseDocument(text, { version: '1.1', intAsBigInt: true });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const line = problem.linePos?.[0].line;
    // The parser's own message quotes the line, which may hold a password.
    throw notConfigured(`${path} is not valid YAML${line === undefined ? '' : ` (line ${line})`}`, [`Correct ${path}.`]);
  }
  return plainValue(document.toJS() as unknown);
}

function plainValue(value: unknown): CloudValue {
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainValue(part)]));
  }
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  return value === null || value === undefined ? null : String(value);
}

/** The clouds by name. Inside a cloud `auth-url` and `auth_url` are the same; a cloud's own name stays as it is. */
function cloudsOf(file: ReadFile | undefined): CloudSection {
  if (file === undefined || file.value === null) return {};
  if (!isSection(file.value)) {
    throw notConfigured(`${file.path} is not a mapping`, [`Write 'clouds:' and the clouds below it in ${file.path}.`]);
  }
  const clouds = file.value['clouds'];
  if (!isSection(clouds)) return {};
  return Object.fromEntries(Object.entries(clouds).map(([name, cloud]) => [name, withUnderscores(cloud)]));
}

function withUnderscores(value: CloudValue): CloudValue {
  if (Array.isArray(value)) return value.map(withUnderscores);
  if (!isSection(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key.replaceAll('-', '_'), withUnderscores(part)]));
}
