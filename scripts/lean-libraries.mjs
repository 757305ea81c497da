// Libraries without the parts of them that migplan does not use, for the bundle: paths of modules, and code in place of what they say.
// It says what is left out by name, and stops where an update of a library does the same by other means.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = join(dirname(fileURLToPath(import.meta.url)), '../node_modules');

export const leanLibraries = () => [...soapParts(), ...frameworkParts(), httpParts(), debugPart()];

/** Of strong-soap what builds requests: its HTTP client and its translations, which are most of it, are not used. */
function soapParts() {
  const folder = join(modules, 'strong-soap/src');
  const path = (name) => join(folder, name);
  const registry = readFileSync(path('parser/typeRegistry.js'), 'utf8');
  const types = registry.match(/'\.\/(xsd|wsdl|soap|soap12)\/\w+'/g) ?? [];
  const table = types.map((type) => `${type}: () => require(${type})`).join(', ');
  if (!registry.includes('= require(t);')) throw new Error('strong-soap finds its types by other means than before');
  const used = new Set(readdirSync(folder, { recursive: true }).flatMap((name) => lodashOf(path(name))));
  return new Map([
    [
      join(modules, 'lodash/lodash.js'),
      `module.exports = { ${[...used].map((name) => `${name}: require('./${name}')`).join(', ')} };`,
    ],
    [path('parser/typeRegistry.js'), registry.replace('= require(t);', `= ({ ${table} })[t]();`)],
    [path('http.js'), "module.exports = class { constructor() { throw new Error('no HTTP client was given'); } };"],
    [
      path('globalize.js'),
      `const { format } = require('node:util');
const f = (text, ...values) => format(text.replace(/{{|}}/g, ''), ...values);
// It warns of the WSDL, which is ours.
const warn = (...said) => { throw new Error(f(...said)); };
module.exports = { f, warn };`,
    ],
  ]);
}

/** The functions of lodash that a file calls. */
const lodashOf = (path) =>
  path.endsWith('.js') ? [...readFileSync(path, 'utf8').matchAll(/\b_\.(\w+)/g)].map(([, name]) => name) : [];

/**
 * oclif without what it does not do here: it asks a library of 50 modules whether Node is new enough for it (`engines` says so), and has two
 * more to look for commands and plugins, which the manifest names.
 */
function frameworkParts() {
  const path = (name) => join(modules, name);
  const start = path('@oclif/core/lib/index.js');
  const code = readFileSync(start, 'utf8').replace(/^function checkNodeVersion\(\) {.*?^}\n|^checkNodeVersion\(\);\n/gms, '');
  if (code.includes('semver')) throw new Error('oclif checks the version of Node by other means than before');
  const absent = (name) => `exports.${name} = () => { throw new Error('oclif.manifest.json is not what was built'); };`;
  return [
    [start, code],
    [path('tinyglobby/dist/index.cjs'), absent('glob')],
    [path('minimatch/dist/commonjs/index.js'), absent('minimatch')],
  ];
}

/** Of undici the parts that our transports name: its fetch alone, which is not used, makes Node load its own copy of undici as well. */
function httpParts() {
  const code = `const Dispatcher = require('./lib/dispatcher/dispatcher');
Dispatcher.prototype.request = require('./lib/api/api-request');
module.exports = {
  Agent: require('./lib/dispatcher/agent'),
  buildConnector: require('./lib/core/connect'),
  errors: require('./lib/core/errors'),
};`;
  return [join(modules, 'undici/index.js'), code];
}

/**
 * With `DEBUG` in the environment libraries print what they are given and answered: strong-soap whole answers of a vCenter, in which it may say
 * the password back. That goes past all that strikes secrets, and MIGPLAN_LOG is there to be asked instead.
 */
function debugPart() {
  const code = `const silent = () => Object.assign(() => undefined, { enabled: false, extend: silent });
module.exports = silent;`;
  return [join(modules, 'debug/src/index.js'), code];
}
