import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CLIENT_BUDGET_BYTES, clientModules, clientSizes } from '../../tools/build/client-sizes.ts';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

interface Manifest {
  readonly dependencies?: object;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

const manifest = JSON.parse(readFileSync(path.join(root, 'client/package.json'), 'utf8')) as Manifest;

/** What an app imports to get a module. */
function specifierOf(name: string): string {
  return name === 'index' ? '@lectern/client' : `@lectern/client/${name}`;
}

describe('the client', () => {
  it('adds at most 12 kB to an app, with everything that it has', async () => {
    const { all, modules } = await clientSizes(root);
    expect(all).toBeLessThanOrEqual(CLIENT_BUDGET_BYTES);
    for (const bytes of Object.values(modules)) expect(bytes).toBeLessThan(all);
  });

  it('exports each of its modules, and depends on nothing', async () => {
    const exported = Object.fromEntries(
      (await clientModules(root)).map((name) => [
        name === 'index' ? '.' : `./${name}`,
        { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
      ]),
    );
    expect(manifest.exports).toMatchObject(exported);
    expect(manifest.dependencies).toBeUndefined();
  });
});

describe('the package of the client', () => {
  let app: string;
  let names: string[];

  // As an app's developer does, in a folder of its own, without a network.
  beforeAll(async () => {
    app = await mkdtemp(path.join(os.tmpdir(), 'lectern-app-'));
    names = await clientModules(root);
    await run('npm', ['pack', '--pack-destination', app], { cwd: path.join(root, 'client') });
    const { version } = JSON.parse(readFileSync(path.join(root, 'client/package.json'), 'utf8')) as { version: string };
    await writeFile(path.join(app, 'package.json'), '{ "type": "module", "private": true }');
    const tarball = `./lectern-client-${version}.tgz`;
    const cache = path.join(app, 'cache');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--cache', cache, tarball], { cwd: app });
  }, 120_000);
  afterAll(() => rm(app, { recursive: true }));

  it('has the code and the types of every export', () => {
    for (const name of names) {
      const { types, default: code } = manifest.exports[name === 'index' ? '.' : `./${name}`] ?? {};
      for (const file of [types, code]) {
        expect([file, existsSync(path.join(app, 'node_modules/@lectern/client', file ?? ''))]).toEqual([file, true]);
      }
    }
  });

  /** Type-checks a file of the app, with the declarations of the package. Returns what the compiler says. */
  async function compile(name: string, source: string, module = 'esnext', resolution = 'bundler'): Promise<string> {
    const folder = path.join(app, name);
    await mkdir(folder);
    await writeFile(path.join(folder, 'app.ts'), source);
    const options = { target: 'es2022', lib: ['es2022', 'dom'], module, moduleResolution: resolution, types: [] };
    const compilerOptions = { ...options, strict: true, noEmit: true, skipLibCheck: false };
    await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((failure: { stdout: string }) => failure);
    return stdout;
  }

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])(
    'type-checks in an app, declarations included (module %s, resolution %s)',
    async (module, resolution) => {
      const imports = names.map(
        (name, index) => `import * as m${index} from '${specifierOf(name)}';\nvoid m${index};\n`,
      );
      const source = `${imports.join('')}
      import { createApi, type Course } from '@lectern/client/api';
      const { data, error } = await createApi({ baseUrl: '' }).GET('/courses/{courseId}', {
        params: { path: { courseId: 'birds' } },
      });
      export const course: Course | undefined = data;
      // @ts-expect-error: there is no such code
      export const isOther = error?.code === 'no-such-code';
    `;
      expect(await compile(resolution, source, module, resolution)).toBe('');
    },
    60_000,
  );

  it('has a guide to typed calls whose code type-checks', async () => {
    const guide = readFileSync(path.join(root, 'client/README.md'), 'utf8');
    const section = /^## Calls\n(.*?)^## /ms.exec(guide)?.[1] ?? '';
    const blocks = [...section.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code);
    expect(blocks).toHaveLength(2);
    const given = `
      import type { AccessToken, Course } from '@lectern/client/api';
      declare const session: { readonly accessToken: AccessToken };
      declare const courseId: string;
      declare function showMessage(text: string): void;
      declare function showCourse(course: Course): void;
    `;
    const unused = 'void search;';
    expect(await compile('guide', [given, ...blocks, unused].join('\n'))).toBe('');
  }, 60_000);

  it('runs in Node', async () => {
    const server = createServer((_, response) => {
      response.end('{ "items": [], "nextCursor": null }');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const source = `
      for (const name of ${JSON.stringify(names.map(specifierOf))}) await import(name);
      const { createApi } = await import('@lectern/client/api');
      const { data } = await createApi({ baseUrl: 'http://127.0.0.1:${port}/v1' }).GET('/courses');
      console.log(JSON.stringify(data));
    `;
    await writeFile(path.join(app, 'app.mjs'), source);
    const { stdout } = await run(process.execPath, ['app.mjs'], { cwd: app });
    server.close();
    expect(JSON.parse(stdout)).toEqual({ items: [], nextCursor: null });
  });
});
