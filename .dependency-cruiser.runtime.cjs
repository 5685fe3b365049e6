// What a workflow reaches when it runs, over any number of steps: types are gone here. The sandbox has no SQL, no HTTP
// and no Node; the bundle build would say so too, but late and without the path.
const { builtinModules } = require('node:module');

// The cruiser names Node's own modules without their prefix, and reachability can only ask for a path.
const CORE = `^(node:.*|${builtinModules.join('|')})$`;

module.exports = {
  forbidden: [
    {
      name: 'a-workflow-reaches-no-effect',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: ['^(api|models|platform)/', 'node_modules/(knex|pg|koa|objection|zod)/'], reachable: true },
    },
    {
      name: 'a-workflow-reaches-no-node-core',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: CORE, reachable: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: require('./.dependency-cruiser.cjs').options.enhancedResolveOptions,
  },
};
