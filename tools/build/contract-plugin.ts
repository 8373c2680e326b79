import path from 'node:path';
import { runInNewContext } from 'node:vm';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, type Plugin } from 'esbuild';
import { isText, type RequestPart, requestSchemas, runtimeRoute, schemaCompiler } from '../../shared/http/compile.ts';
import type { Routes } from '../../shared/http/route.ts';

const CONTRACT_FILE = /[\\/]functions[\\/][\w-]+[\\/]contract\.ts$/;
const VALIDATORS = 'lectern-validators';

/**
 * Replaces each `functions/<name>/contract.ts` in a bundle with what it needs at run time: routes without schemas, and
 * validators compiled to plain code. So a cold start includes neither ajv's compiler nor compilation. Nothing is
 * generated into the source tree, so nothing there can be out of date.
 * @param contractInputs gets the files that a contract was made of, which the bundle's metafile does not name
 */
export function contractPlugin(root: string, contractInputs: Set<string>): Plugin {
  return {
    name: 'lectern-contract',
    setup({ onLoad, onResolve }) {
      const validatorCode = new Map<string, string>();

      onLoad({ filter: CONTRACT_FILE }, async ({ path: file }) => {
        const { routes, inputs } = await loadContract(root, file);
        for (const input of inputs) contractInputs.add(input);
        const text = new ValidatorModule(['path', 'query', 'headers']);
        const body = new ValidatorModule(['body', 'item']);
        const runtime = Object.entries(routes).map(([key, route]) => {
          const checks = Object.entries(requestSchemas(route)).map(([part, schema]) => {
            const [name, validators] = isText(part as RequestPart) ? ['text', text] : ['body', body];
            return `${part}: ${name}.${validators.add(schema as object)}`;
          });
          const fields = JSON.stringify(runtimeRoute(route)).slice(1, -1);
          return `${JSON.stringify(key)}: { ${fields}, validators: { ${checks.join(', ')} } }`;
        });
        validatorCode.set(`${file}?text`, text.code());
        validatorCode.set(`${file}?body`, body.code());
        return {
          loader: 'js',
          resolveDir: root,
          contents: [
            `import * as text from ${JSON.stringify(`${VALIDATORS}:${file}?text`)};`,
            `import * as body from ${JSON.stringify(`${VALIDATORS}:${file}?body`)};`,
            `export const contract = { runtime: { ${runtime.join(',\n')} } };`,
          ].join('\n'),
        };
      });

      onResolve({ filter: new RegExp(`^${VALIDATORS}:`) }, ({ path: id }) => ({
        namespace: VALIDATORS,
        // Relative, because esbuild names a module of another namespace by its path, and the bundle must not contain
        // ours.
        path: path.relative(root, id.slice(VALIDATORS.length + 1)),
      }));
      onLoad({ filter: /./, namespace: VALIDATORS }, ({ path: id }) => ({
        loader: 'js',
        resolveDir: root,
        contents: validatorCode.get(path.join(root, id)) ?? '',
      }));
    },
  };
}

/** A module of compiled validators for schemas with the same compiler options. */
class ValidatorModule {
  readonly #ajv: ReturnType<typeof schemaCompiler>;
  readonly #names: string[] = [];

  constructor([part]: readonly [RequestPart, ...RequestPart[]]) {
    this.#ajv = schemaCompiler(part, { code: { source: true, esm: true, lines: true } });
  }

  /** Adds a schema and returns the export name of its validator. */
  add(schema: object): string {
    const name = `v${this.#names.length}`;
    this.#ajv.addSchema(schema, name);
    this.#names.push(name);
    return name;
  }

  code(): string {
    if (this.#names.length === 0) return 'export {};';
    return standaloneCode.default(this.#ajv, Object.fromEntries(this.#names.map((name) => [name, name])));
  }
}

/** Loads the data of a contract, and the files it comes from, without `defineContract` and the compiler. */
export async function loadContract(root: string, file: string): Promise<{ routes: Routes; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [file],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'module',
    metafile: true,
    logLevel: 'silent',
    plugins: [
      {
        name: 'contract-data-only',
        setup({ onLoad }) {
          onLoad({ filter: /[\\/]shared[\\/]http[\\/]contract\.ts$/ }, () => ({
            contents: 'export const defineContract = (routes) => ({ routes });',
          }));
        },
      },
    ],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of ${file}`);
  // Through JSON: what is not plain data is lost here, as it would be in the API document.
  const routes = JSON.parse(runInNewContext(`${output.text};JSON.stringify(module.contract.routes)`)) as Routes;
  return { routes, inputs: Object.keys(metafile.inputs) };
}
