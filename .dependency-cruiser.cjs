/** The dependency rule as code. Each layer may import itself and the layers named here, nothing else in src/. */
const may = {
  diag: [],
  model: ['diag'],
  host: ['diag', 'model'],
  manifest: ['diag', 'model', 'host'],
  plan: ['diag', 'model'],
  providers: ['diag', 'model', 'host'],
  state: ['diag', 'model', 'host', 'providers'],
  transfer: ['diag', 'model', 'host', 'providers'],
  convert: ['diag', 'model', 'host', 'providers'],
  apply: ['diag', 'model', 'host', 'plan', 'providers', 'state'],
  views: ['diag', 'model', 'host', 'plan', 'apply', 'engine'],
};

const layerRules = Object.entries(may).map(([layer, allowed]) => ({
  name: `${layer}-imports`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: '^src/', pathNot: `^src/(${[layer, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...layerRules,
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
      name: 'only-runtime-names-providers',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(runtime\\.ts|providers/)' },
      to: { path: '^src/providers/[^/]+/' },
    },
    {
      name: 'lab-knows-only-contracts',
      comment: 'A simulator that shares code with what it tests shares its bugs.',
      severity: 'error',
      from: { path: '^lab/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(model|host/secret\\.ts|providers/(provider(-error)?|converter|data-plane)\\.ts)' },
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
