/** One-way dependencies: handler -> service -> repository -> shared/db, and nothing that ships knows what does not. */
module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'functions-know-not-each-other',
      comment: 'What two functions need lives in shared/.',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^functions/', pathNot: '^functions/$1/' },
    },
    { name: 'shared-knows-no-function', severity: 'error', from: { path: '^shared/' }, to: { path: '^functions/' } },
    {
      name: 'what-ships-knows-not-what-does-not',
      severity: 'error',
      from: { path: '^(functions|shared)/' },
      to: { path: '^(local|scripts|tests|bench|examples)/' },
    },
    {
      name: 'what-ships-has-no-dev-dependency',
      severity: 'error',
      from: { path: '^(functions|shared)/' },
      // Types alone are not shipped; json-schema-to-ts holds nothing else.
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'json-schema-to-ts' },
    },
    {
      name: 'handler-is-a-table',
      comment: 'A handler names services; data is reached by repositories alone.',
      severity: 'error',
      from: { path: '^functions/[^/]+/handler\\.ts$' },
      to: { path: '(-repository\\.ts$|^shared/db/)' },
    },
    {
      name: 'only-repositories-query',
      comment:
        'Who may read what is decided without a database; what several functions read for it has a repository there.',
      severity: 'error',
      from: { path: '^(functions|shared/access)/', pathNot: '-repository\\.ts$' },
      // Declarations may be seen: they are types and names, and without a client nothing can be asked with them.
      to: { path: '^(shared/db/(?!collections\\.ts$)|node_modules/mongodb/)' },
    },
    {
      name: 'repository-knows-no-service',
      severity: 'error',
      from: { path: '-repository\\.ts$' },
      to: { path: '^functions/', pathNot: '-repository\\.ts$' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
