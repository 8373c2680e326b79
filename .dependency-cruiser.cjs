/**
 * One-way dependencies: handler -> service -> repository -> shared/db, and nothing that ships knows what does not.
 * Each comment says what to do instead; the linter prints it with the violation.
 */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Move what both files need to a third one that neither of them is imported by.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-cycle-of-folders',
      comment: 'Move what both folders need to the one that does not import the other, or to a third one.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'functions-do-not-import-each-other',
      comment: 'Move what two functions need to shared/.',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^functions/', pathNot: '^functions/$1/' },
    },
    {
      name: 'shared-imports-only-shared',
      comment: 'Pass it in as an argument, or move it to shared/ if every function may have it in its bundle.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(functions|publishing|tools|local|scripts|tests|bench|client)/' },
    },
    {
      name: 'functions-import-only-shared-and-publishing',
      comment: 'Move what a function needs to shared/. Tools, the local system and tests are not deployed.',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^(tools|local|scripts|tests|bench|client)/' },
    },
    {
      name: 'publishing-imports-only-shared-and-the-platform',
      comment:
        'Take it as an argument from the command in tools/import-course, or move it to publishing/ or tools/platform.',
      severity: 'error',
      from: { path: '^publishing/' },
      to: { path: '^(functions|tools/(?!platform/)|local|scripts|tests|bench|client)/' },
    },
    {
      name: 'tools-do-not-import-the-local-system',
      comment: 'Tools work on production too. Move what both need to tools/, or take it as an argument from local/.',
      severity: 'error',
      from: { path: '^tools/' },
      to: { path: '^(local|scripts|tests|bench|client)/' },
    },
    {
      name: 'the-client-imports-only-itself',
      comment: 'Apps install it alone. It shares nothing but the API document, from which its types are generated.',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(functions|shared|publishing|tools|local|scripts|tests|bench)/' },
    },
    {
      name: 'rotations-do-not-import-each-other',
      comment: 'Move what the rotations of two kinds of keys share to tools/keys/rotation/.',
      severity: 'error',
      from: { path: '^tools/keys/(access-token|media)/' },
      to: { path: '^tools/keys/(access-token|media)/', pathNot: '^tools/keys/$1/' },
    },
    {
      name: 'scripts-are-entry-points',
      comment: 'A file in scripts/ only reads arguments and calls one function. Move the code that you need to tools/.',
      severity: 'error',
      from: {},
      to: { path: '^scripts/' },
    },
    {
      name: 'what-ships-has-no-dev-dependency',
      comment: 'Move the package to `dependencies` in package.json, or do without it.',
      severity: 'error',
      from: { path: '^(functions|shared)/' },
      // Types alone are not shipped; json-schema-to-ts holds nothing else.
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'json-schema-to-ts' },
    },
    {
      name: 'handler-is-a-table',
      comment: 'A handler maps routes to services. Call the repository from the service.',
      severity: 'error',
      from: { path: '^functions/[^/]+/handler\\.ts$' },
      to: { path: '(-repository\\.ts$|^shared/db/)' },
    },
    {
      name: 'only-repositories-query',
      comment: 'Move the query to a file that is named *-repository.ts.',
      severity: 'error',
      from: { path: '^(functions|shared/access)/', pathNot: '-repository\\.ts$' },
      // Declarations are allowed: they are types and names, and nothing can be queried with them.
      to: { path: '^(shared/db/(?!collections\\.ts$)|node_modules/mongodb/)' },
    },
    {
      name: 'personal-data-needs-a-caller',
      comment:
        'Confirm the caller with requireCaller (shared/access/require-caller.ts), pass it to the repository and open the collection with ownedCollection. Only signing in and podcast feeds look up people without a caller.',
      severity: 'error',
      from: { path: '^(functions|publishing)/', pathNot: '^functions/(auth|podcast)/.*-repository\\.ts$' },
      to: { path: '^shared/db/unscoped\\.ts$' },
    },
    {
      name: 'every-collection-is-declared',
      comment: 'Declare the collection in shared/db/collections.ts and open it with collection or ownedCollection.',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^shared/db/database\\.ts$' },
    },
    {
      name: 'repositories-do-not-import-services',
      comment: 'Move the decision to the service, or the type to the repository.',
      severity: 'error',
      from: { path: '-repository\\.ts$' },
      to: { path: '^functions/', pathNot: '-repository\\.ts$' },
    },
    {
      name: 'tests-are-not-imported',
      comment: 'Move the code that you need out of tests/.',
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
