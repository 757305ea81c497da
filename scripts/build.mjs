// Compiles src/ and lab/ to dist/, then makes of the commands what is shipped and run: dist/cli, one file a command with what several
// need beside it and each provider in a file of its own, and oclif's manifest, so that asking for help loads no command at all.
// With a folder that has a package.json and schemas/, the package is built there.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { leanLibraries } from './lean-libraries.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = resolve(process.argv[2] ?? root);
const bundled = join(target, 'dist/cli');
const EXPLAINING = 'explaining-validators.cjs';
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

/**
 * Style and script of reports, which `views/report/assets.ts` reads: each is one text, with the licenses of what is in it, because a
 * report is a copy of the library that draws its charts. Nothing in them may end the element that they stand in.
 * @returns {Promise<string[]>} The modules that the script is made of.
 */
async function bundlePage() {
  const { rolldown } = await import('rolldown');
  const folder = join(root, 'src/views/report');
  const made = await rolldown({ input: join(folder, 'browser/main.ts'), platform: 'browser' });
  const { output } = await made.generate({ format: 'iife', minify: true });
  await made.close();
  const [{ code, moduleIds }] = output;
  const library = join(root, 'node_modules/uplot');
  const license = readFileSync(join(library, 'LICENSE'), 'utf8').trim();
  const script = `/*!\n${license}\n*/\n${code.trim()}\n`;
  const style = `${readFileSync(join(library, 'dist/uPlot.min.css'), 'utf8').trim()}\n${readFileSync(join(folder, 'style.css'), 'utf8')}`;
  if (/<\/|<!--/.test(script + style)) throw new Error('what stands in a page would end its own element');
  writeFileSync(compiledFrom('views/report/script.js'), script);
  writeFileSync(compiledFrom('views/report/style.css'), style);
  return moduleIds;
}

async function bundle(pageModules) {
  rmSync(bundled, { recursive: true, force: true });
  const { rolldown } = await import('rolldown');
  const entries = { main: compiledFrom('cli/main.js'), ...modulesIn('commands', compiledFrom('commands')), ...pluginParts() };
  const made = await rolldown({
    input: entries,
    platform: 'node',
    external: ['typescript', 'pg-native'],
    plugins: [withTextsOfFiles, withCode(new Map([...(await compiledSchemas()), ...leanLibraries()]))],
    onLog: (level, log, tell) => log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT' && tell(level, log),
  });
  // Names of functions stand in the stack of a bug that somebody reports.
  const { output } = await made.write({ dir: bundled, chunkFileNames: 'shared/[name].js', keepNames: true });
  await made.close();
  writeFileSync(
    join(bundled, 'LICENSES.txt'),
    licensesOf([
      ...output.flatMap(({ moduleIds = [] }) => moduleIds.filter((id) => !id.startsWith(compiledFrom('')))),
      ...pageModules,
    ]),
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
    'hooks/command-not-found': compiledFrom('cli/command-not-found.js'),
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
  resolveId: (id) => (codes.has(id) ? id : null),
  load: (id) => codes.get(id),
  buildEnd() {
    const loaded = new Set(this.getModuleIds());
    for (const path of codes.keys()) if (!loaded.has(path)) this.error(`${path} is in no bundle`);
  },
});

/**
 * In place of modules that compile schemas when they are loaded: path, and code that does the same. Nearly every manifest is right: what
 * finds that out is bundled, and what explains what is wrong lies beside it (EXPLAINING), five times as long.
 */
async function compiledSchemas() {
  const manifests = compiledFrom('manifest/explain/validators.js');
  const { validatedSchemas, validatorOptions } = await load(manifests);
  const plan = JSON.parse(readFileSync(join(target, 'schemas/plan.schema.json'), 'utf8'));
  const judging = compiledFrom('manifest/explain/judging.mjs');
  const code = `import { createRequire } from 'node:module';
import * as judging from '${judging}';
let explaining;
const inTwoSteps = (name) => {
  const validate = (value) => {
    validate.errors = null;
    if (judging[name](value)) return true;
    explaining ??= createRequire(import.meta.url)('./${EXPLAINING}');
    const fits = explaining[name](value);
    validate.errors = explaining[name].errors;
    return fits;
  };
  return validate;
};
export const validators = { ${Object.keys(validatedSchemas).map((name) => `${name}: inTwoSteps('${name}')`)} };`;
  await bundleExplaining(await standalone(validatedSchemas, validatorOptions));
  return new Map([
    [judging, await standalone(validatedSchemas, { ...validatorOptions, allErrors: false, verbose: false, messages: false })],
    [manifests, code],
    ...(await Promise.all(providersValidators().map(compiledValidators))),
    [compiledFrom('cli/plan-validator.js'), await standalone({ fitsPlan: plan }, {})],
  ]);
}

/** Of files that a provider reads itself. */
const providersValidators = () =>
  readdirSync(compiledFrom('providers'), { recursive: true })
    .filter((name) => name.endsWith('/validators.js'))
    .map((name) => compiledFrom(join('providers', name)));

async function compiledValidators(module) {
  const { validatedSchemas, validatorOptions } = await load(module);
  const code = await standalone(validatedSchemas, validatorOptions);
  return [module, `${code}\nexport const validators = { ${Object.keys(validatedSchemas).join(', ')} };`];
}

async function bundleExplaining(code) {
  const { rolldown } = await import('rolldown');
  const path = compiledFrom('manifest/explain/explaining.mjs');
  const made = await rolldown({ input: path, platform: 'node', plugins: [withCode(new Map([[path, code]]))] });
  await made.write({ file: join(bundled, 'shared', EXPLAINING), format: 'cjs' });
  await made.close();
}

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
await bundle(await bundlePage());
await writeManifest();
