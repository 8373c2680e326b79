import { TemplateError } from '../../../tools/template/fields.ts';
import type { ApiModel, RouteModel } from '../../../tools/template/model.ts';

/** What a resource answers to a method. */
export type MethodTarget =
  | { readonly kind: 'function'; readonly route: RouteModel }
  | { readonly kind: 'preflight'; readonly methods: readonly string[] };

export interface Match {
  readonly target: MethodTarget;
  /** The path of the resource, such as `/courses/{courseId}`. */
  readonly resourcePath: string;
  /** By parameter, as sent: a REST API does not decode path parameters. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The methods that ANY stands for. */
const METHODS_OF_ANY = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

export type Router = (method: string, path: string) => Match | null;

interface Resource {
  readonly path: string;
  readonly targets: Map<string, MethodTarget>;
  readonly children: Map<string, Resource>;
  /** The child `{name}` or `{name+}`. API Gateway allows one in each place. */
  variable: { readonly name: string; readonly isGreedy: boolean; readonly resource: Resource } | null;
}

/** The resource tree of the API. */
export function createRouter(model: ApiModel): Router {
  const root = resourceAt('');
  for (const route of model.routes) {
    addResource(root, route).targets.set(route.method, { kind: 'function', route });
  }
  if (model.cors !== null) addPreflights(root);

  return (method, path) => {
    // A trailing slash does not matter for the route. Of the leading ones, only the first does.
    const trimmed = path.replace(/^\/+|\/+$/g, '');
    return find(root, trimmed === '' ? [] : trimmed.split('/'), method, []);
  };
}

function resourceAt(path: string): Resource {
  return { path, targets: new Map(), children: new Map(), variable: null };
}

function addResource(root: Resource, { path, functionId }: RouteModel): Resource {
  let resource = root;
  for (const part of path.split('/').filter((segment) => segment !== '')) {
    const [, name, greedy] = /^\{([\w.:-]+)(\+?)\}$/.exec(part) ?? [];
    if (resource.path.endsWith('+}')) {
      throw new TemplateError(functionId, `nothing can follow the greedy parameter in ${path}`);
    }
    if (name === undefined) {
      const child = resource.children.get(part) ?? resourceAt(`${resource.path}/${part}`);
      resource.children.set(part, child);
      resource = child;
    } else {
      resource.variable ??= { name, isGreedy: greedy === '+', resource: resourceAt(`${resource.path}/${part}`) };
      if (resource.variable.resource.path !== `${resource.path}/${part}`) {
        throw new TemplateError(
          functionId,
          `${path} and ${resource.variable.resource.path} give one segment different names`,
        );
      }
      resource = resource.variable.resource;
    }
  }
  return resource;
}

/** SAM's Cors adds an OPTIONS method to every resource, which takes precedence over ANY. */
function addPreflights(resource: Resource): void {
  const methods = [...resource.targets.keys()];
  if (methods.length > 0 && !resource.targets.has('OPTIONS')) {
    resource.targets.set('OPTIONS', { kind: 'preflight', methods: [...methods, 'OPTIONS'] });
  }
  for (const child of resource.children.values()) addPreflights(child);
  if (resource.variable !== null) addPreflights(resource.variable.resource);
}

/**
 * A fixed part wins over a parameter, but only if it has the method too. Otherwise API Gateway goes back and tries the
 * parameter.
 */
function find(
  resource: Resource,
  segments: readonly string[],
  method: string,
  values: readonly (readonly [string, string])[],
): Match | null {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    const any = METHODS_OF_ANY.has(method) ? resource.targets.get('ANY') : undefined;
    const target = resource.targets.get(method) ?? any;
    if (target === undefined) return null;
    return { target, resourcePath: resource.path || '/', pathParameters: Object.fromEntries(values) };
  }
  const child = resource.children.get(segment);
  const found = child === undefined ? null : find(child, rest, method, values);
  if (found !== null || resource.variable === null || segment === '') return found;

  const { name, isGreedy, resource: next } = resource.variable;
  return isGreedy
    ? find(next, [], method, [...values, [name, segments.join('/')]])
    : find(next, rest, method, [...values, [name, segment]]);
}
