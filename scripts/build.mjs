// Compiles src/ and lab/ to dist/, then makes of the commands what is shipped and run: dist/cli, one file a command with what several
// need beside it and each provider in a file of its own, and oclif's manifest, so that asking for help loads no command at all.
// With a folder that has a package.json and schemas/, the package is built there.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = resolve(process.argv[2] ?? root);
const compiledFrom = (path) => join(target, 'dist/src', path);
const load = (path) => import(pathToFileURL(path).href);

function compile() {
  const compiler = join(root, 'node_modules/typescript-native/bin/tsc');
  const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', join(target, 'dist')];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  for (const name of readdirSync(join(root, 'src'), { recursive: true }))
    if (name.endsWith('.py')) cpSync(join(root, 'src', name), compiledFrom(name));
}

async function bundle() {
  const { rolldown } = await import('rolldown');
  const entries = { main: compiledFrom('cli/main.js'), ...modulesIn('commands', compiledFrom('commands')), ...pluginParts() };
  const made = await rolldown({
    input: entries,
    platform: 'node',
    external: ['typescript'],
    plugins: [withTextsOfFiles, withCode(new Map([...(await compiledSchemas()), ...soapParts(), frameworkStart()]))],
    onLog: (level, log, tell) => log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT' && tell(level, log),
  });
  const dir = join(target, 'dist/cli');
  rmSync(dir, { recursive: true, force: true });
  // Names of functions stand in the stack of a bug that somebody reports.
  const { output } = await made.write({ dir, chunkFileNames: 'shared/[name].js', keepNames: true });
  await made.close();
  writeFileSync(
    join(dir, 'LICENSES.txt'),
    licensesOf(output.flatMap(({ moduleIds = [] }) => moduleIds.filter((id) => !id.startsWith(compiledFrom(''))))),
  );
}

/** Path in the bundle, and module. */
const modulesIn = (into, folder) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith('.js'))
      .map((name) => [`${into}/${name.slice(0, -3)}`, join(folder, name)]),
  );

/** oclif's plugins are bundled as if they were ours: looking for packages takes as long as half of an answer. */
function pluginParts() {
  const folderOf = (url) => dirname(fileURLToPath(url));
  return {
    ...modulesIn('commands', join(folderOf(import.meta.resolve('@oclif/plugin-help')), 'commands')),
    ...modulesIn('commands', join(folderOf(import.meta.resolve('@oclif/plugin-autocomplete')), 'commands')),
    'hooks/command-not-found': fileURLToPath(import.meta.resolve('@oclif/plugin-not-found')),
  };
}

/** What the licenses of libraries ask for that stand in the bundle. */
function licensesOf(modules) {
  const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** A file that lies beside a module is read when it is built: `readFileSync(new URL('NAME', import.meta.url), 'utf8')`. */
const withTextsOfFiles = {
  name: 'texts-of-files',
  transform: (code, id) =>
    code.replace(/readFileSync\(new URL\('([\w.]+)', import\.meta\.url\), 'utf8'\)/g, (_, name) =>
      JSON.stringify(readFileSync(join(dirname(id), name), 'utf8')),
    ),
};

/** Modules whose code is made here: path, and code in place of what the file says. Each must be met. */
const withCode = (codes) => ({
  name: 'code-in-place',
  load: (id) => codes.get(id),
  buildEnd() {
    const loaded = new Set(this.getModuleIds());
    for (const path of codes.keys()) if (!loaded.has(path)) this.error(`${path} is in no bundle`);
  },
});

/** oclif asks a library of 50 modules whether Node is new enough for it; for migplan it is (`engines`). */
function frameworkStart() {
  const path = join(root, 'node_modules/@oclif/core/lib/index.js');
  const code = readFileSync(path, 'utf8');
  const start = code.replace(/^function checkNodeVersion\(\) {.*?^}\n|^checkNodeVersion\(\);\n/gms, '');
  if (start.includes('semver')) throw new Error('oclif checks the version of Node by other means than before');
  return [path, start];
}

/** Of strong-soap what builds requests: its HTTP client and its translations, which are most of it, are not used. */
function soapParts() {
  const folder = join(root, 'node_modules/strong-soap/src');
  const path = (name) => join(folder, name);
  const registry = readFileSync(path('parser/typeRegistry.js'), 'utf8');
  const types = registry.match(/'\.\/(xsd|wsdl|soap|soap12)\/\w+'/g) ?? [];
  const table = types.map((type) => `${type}: () => require(${type})`).join(', ');
  if (!registry.includes('= require(t);')) throw new Error('strong-soap finds its types by other means than before');
  const used = new Set(readdirSync(folder, { recursive: true }).flatMap((name) => lodashOf(path(name))));
  return new Map([
    [
      join(root, 'node_modules/lodash/lodash.js'),
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

/** In place of modules that compile schemas when they are loaded: path, and code that does the same. */
async function compiledSchemas() {
  const manifests = compiledFrom('manifest/explain/validators.js');
  const { validatedSchemas, validatorOptions } = await load(manifests);
  const plan = JSON.parse(readFileSync(join(target, 'schemas/plan.schema.json'), 'utf8'));
  return new Map([
    [
      manifests,
      `${await standalone(validatedSchemas, validatorOptions)}\nexport const validators = { Project, Migration, resolved };`,
    ],
    [compiledFrom('cli/plan-validator.js'), await standalone({ fitsPlan: plan }, {})],
  ]);
}

/** The functions of lodash that a file calls. */
const lodashOf = (path) =>
  path.endsWith('.js') ? [...readFileSync(path, 'utf8').matchAll(/\b_\.(\w+)/g)].map(([, name]) => name) : [];

/** A module that exports a function for each schema. */
async function standalone(schemas, options) {
  const { Ajv } = await import('ajv');
  const { default: standaloneCode } = await import('ajv/dist/standalone/index.js');
  const ajv = new Ajv({ ...options, code: { source: true, esm: true } });
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name);
  const code = standaloneCode.default(ajv, Object.fromEntries(Object.keys(schemas).map((name) => [name, name])));
  const needed = new Map();
  const body = code.replace(/require\("([^"]+)"\)/g, (_, path) => {
    if (!needed.has(path)) needed.set(path, `needed${needed.size}`);
    return needed.get(path);
  });
  return [...[...needed].map(([path, name]) => `import ${name} from '${path}.js';`), body].join('\n');
}

async function writeManifest() {
  const manifest = join(target, 'oclif.manifest.json');
  rmSync(manifest, { force: true });
  const { Plugin } = await load(join(root, 'node_modules/@oclif/core/lib/config/plugin.js'));
  const plugin = new Plugin({ root: target, ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true });
  await plugin.load();
  writeFileSync(manifest, `${JSON.stringify(plugin.manifest)}\n`);
}

compile();
await bundle();
await writeManifest();
