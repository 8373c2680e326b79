import { createRequire } from 'node:module';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { driverPlugin } from '../../../tools/build/driver-plugin.ts';

const root = path.resolve(import.meta.dirname, '../../..');

type Prepare = (text: string) => string;

/** The function that the driver has, as it is installed beside it and as it is in a bundle. */
const { saslprep } = createRequire(require.resolve('mongodb'))('@mongodb-js/saslprep') as {
  readonly saslprep: Prepare;
};
let bundled: Prepare;
beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: "module.exports = require('@mongodb-js/saslprep');", resolveDir: root },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'module_',
    platform: 'node',
    plugins: [driverPlugin()],
  });
  const context = { require: createRequire(import.meta.filename), Buffer, module: {} };
  bundled = runInNewContext(`${outputFiles[0]?.text ?? ''};module_`, context).saslprep;
});

describe('the preparation of passwords in a bundle', () => {
  it.each([
    '',
    'correct horse battery staple',
    ' !"#$%&\'()*+,-./0123456789:;<=>?@[\\]^_`{|}~ ',
    'I\u00ADX',
    '\u2168',
    'pässwörd\u00A0ﬁ',
  ])('is that of the driver for %j', (password) => {
    expect(bundled(password)).toBe(saslprep(password));
  });

  it.each(['\u0007', 'a\u007F', '\u0627\u0031'])('refuses %j, as the driver does', (password) => {
    expect(() => saslprep(password)).toThrow();
    expect(() => bundled(password)).toThrow();
  });
});
