// The import direction of docs/ARCHITECTURE.md, as errors. Type edges count here; what a workflow reaches at run time
// is .dependency-cruiser.runtime.cjs.
const TEST = '\\.(test|fixture)\\.ts$';
const CORE = ['core'];
const OURS =
  '^(activities|api|bench|bin|contract|domain|migrations|models|platform|portal|test|tools|widget|workflows)/';

/** Of our own folders this one may import only those named; packages and Node are the business of other rules. */
function mayImport(folder, allowed) {
  return {
    name: `${folder}-imports-only-what-stands-after-its-arrow`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: TEST },
    to: { path: OURS, pathNot: `^(${[folder, ...allowed].join('|')})/` },
  };
}

/** The edge is allowed, but only as `import type`. */
function typesOnly(folder, target) {
  return {
    name: `${folder}-takes-types-only-of-${target.replaceAll(/\W+/g, '-')}`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: TEST },
    to: { path: `^${target}`, dependencyTypesNot: ['type-only'] },
  };
}

function noCore(folder) {
  return {
    name: `${folder}-knows-no-node-core`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: TEST },
    to: { dependencyTypes: CORE },
  };
}

function packagesOf(folder, allowed) {
  return {
    name: `${folder}-uses-few-packages`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: TEST },
    to: { path: 'node_modules/', pathNot: `node_modules/(${allowed.length > 0 ? allowed.join('|') : 'none'})/` },
  };
}

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved-import', severity: 'error', from: {}, to: { couldNotResolve: true } },
    mayImport('api', ['contract', 'domain', 'models', 'platform', 'workflows']),
    {
      name: 'api-takes-values-of-workflow-messages-only',
      severity: 'error',
      from: { path: '^api/', pathNot: TEST },
      to: { path: '^workflows/', pathNot: '^workflows/[^/]+/messages\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    mayImport('workflows', ['domain', 'contract', 'activities']),
    typesOnly('workflows', 'contract/'),
    typesOnly('workflows', 'activities/'),
    noCore('workflows'),
    packagesOf('workflows', ['@temporalio/(workflow|common)']),
    mayImport('activities', ['contract', 'domain', 'models', 'platform']),
    mayImport('models', ['domain', 'platform', 'contract']),
    typesOnly('models', 'contract/'),
    mayImport('domain', []),
    noCore('domain'),
    packagesOf('domain', []),
    mayImport('contract', ['domain']),
    noCore('contract'),
    packagesOf('contract', ['zod', 'zod-openapi']),
    mayImport('platform', ['domain']),
    typesOnly('platform', 'domain/'),
    mayImport('widget', ['domain', 'contract']),
    typesOnly('widget', 'contract/'),
    mayImport('portal', ['domain', 'contract']),
    typesOnly('portal', 'contract/'),
    mayImport('migrations', []),
    noCore('migrations'),
    packagesOf('migrations', ['knex']),
    typesOnly('migrations', 'node_modules/knex/'),
    mayImport('bench', []),
    {
      name: 'nothing-but-tests-imports-tests',
      severity: 'error',
      from: { pathNot: [TEST, '^test/', '^tools/', '^[^/]+$'] },
      to: { path: ['^test/', TEST] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['/dist/', '^bench/naive/node_modules'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.d.ts'],
    },
  },
};
