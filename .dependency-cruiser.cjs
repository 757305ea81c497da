/** The dependency rule as code. Each layer, or file beside them, may import itself and those named here, nothing else in src/. */
const layers = {
  diag: [],
  model: ['diag'],
  host: ['diag', 'model'],
  contracts: ['diag', 'model', 'host'],
  manifest: ['diag', 'model', 'host'],
  plan: ['diag', 'model'],
  providers: ['diag', 'model', 'host', 'contracts'],
  state: ['diag', 'model', 'host', 'contracts'],
  transfer: ['diag', 'model', 'host', 'contracts'],
  convert: ['diag', 'model', 'host', 'contracts'],
  apply: ['diag', 'model', 'host', 'contracts', 'plan', 'state'],
  views: ['diag', 'model', 'host', 'plan', 'apply', 'engine'],
  'open-provider.ts': ['diag', 'model', 'host', 'contracts', 'manifest', 'providers'],
  'open-state.ts': ['diag', 'model', 'host', 'contracts', 'manifest', 'state'],
  'machine-looks.ts': ['diag', 'host', 'contracts', 'plan', 'apply', 'transfer', 'convert'],
  'runtime.ts': [
    ...['diag', 'model', 'host', 'contracts', 'manifest', 'plan', 'state', 'apply', 'providers', 'transfer', 'convert'],
    ...['open-provider.ts', 'open-state.ts', 'machine-looks.ts'],
  ],
  engine: ['diag', 'model', 'host', 'contracts', 'manifest', 'plan', 'state', 'apply', 'machine-looks.ts', 'runtime.ts'],
  cli: ['diag', 'model', 'host', 'manifest', 'plan', 'apply', 'engine', 'runtime.ts', 'views'],
  commands: ['diag', 'model', 'host', 'manifest', 'plan', 'apply', 'engine', 'runtime.ts', 'views', 'cli'],
};

/** The same inside of a layer: each room may import itself and the rooms named here. `.` are the files beside the rooms. */
const rooms = {
  manifest: {
    base: [],
    schema: [],
    yaml: ['base'],
    explain: ['base', 'schema'],
    project: ['base', 'schema'],
    environment: ['base', 'schema'],
    files: ['base', 'schema', 'yaml', 'explain', 'project'],
    migration: ['base', 'schema', 'environment', 'explain', 'project'],
    exchange: ['schema'],
    format: ['schema', 'yaml'],
  },
  plan: {
    core: [],
    cutover: ['core'],
    checks: ['core', 'cutover'],
    sync: ['core', 'checks'],
    together: ['core', 'cutover', 'checks', '.'],
    file: ['core', 'cutover', 'sync'],
    policy: ['core', 'file'],
  },
  // The way of a call.
  'providers/openstack': {
    config: [],
    http: ['config'],
    objects: ['config', 'http'],
    access: ['config', 'http', 'objects'],
    target: ['config', 'http', 'objects', 'access'],
    source: ['config', 'http', 'objects', 'access', 'target'],
  },
};

const placeOf = (layer) => (layer.endsWith('.ts') ? `^src/${layer.replace('.', '\\.')}$` : `^src/${layer}/`);

const layerRules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `${layer}-imports`,
  severity: 'error',
  from: { path: placeOf(layer) },
  to: { path: '^src/', pathNot: [layer, ...allowed].map(placeOf) },
}));

const pathIn = (layer, room) => (room === '.' ? `^src/${layer}/[^/]+\\.ts$` : `^src/${layer}/${room}/`);

const roomRules = Object.entries(rooms).flatMap(([layer, floors]) =>
  Object.entries(floors).map(([room, allowed]) => ({
    name: `${layer}/${room}-imports`,
    severity: 'error',
    from: { path: pathIn(layer, room) },
    to: { path: `^src/${layer}/`, pathNot: [room, ...allowed].map((one) => pathIn(layer, one)) },
  })),
);

module.exports = {
  forbidden: [
    ...layerRules,
    ...roomRules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-core',
      comment: 'plan, model and diag do no I/O; plan files need a canonical form, which is pure too',
      severity: 'error',
      from: { path: '^src/(plan|model|diag)/' },
      to: { dependencyTypes: ['core', 'npm'], pathNot: ['^(node:)?crypto$', 'node_modules/(canonicalize|json-diff)/'] },
    },
    {
      name: 'providers-are-strangers',
      severity: 'error',
      from: { path: '^src/providers/([^/]+)/' },
      to: { path: '^src/providers/[^/]+/', pathNot: '^src/providers/$1/' },
    },
    {
      name: 'only-runtime-and-open-provider-name-providers',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(runtime\\.ts|open-provider\\.ts|providers/)' },
      to: { path: '^src/providers/[^/]+/' },
    },
    {
      name: 'the-engine-has-no-terminal',
      comment: 'What is done to make and apply a plan can be called without a command line.',
      severity: 'error',
      from: { path: '^src/(engine/|(runtime|open-provider|machine-looks)\\.ts)' },
      to: { path: ['^src/(cli|commands|views)/', 'node_modules/@oclif/'] },
    },
    {
      name: 'lab-knows-only-contracts',
      comment: 'A simulator that shares code with what it tests shares its bugs.',
      severity: 'error',
      from: { path: '^lab/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(model/|contracts/|host/secret\\.ts)' },
    },
    { name: 'src-knows-no-test', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|lab|scripts)/' } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
};
