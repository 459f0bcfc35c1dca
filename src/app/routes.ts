/** Task name to queue: exact names, globs, regular expressions and functions, the first match winning (celery.app.routes). */

import type { ApplyOptions } from '../canvas/call-options.ts';
import { ImproperlyConfigured } from '../errors.ts';

/** What a route decides: a queue, or options of the call (which win over it). */
export type Route = string | Pick<ApplyOptions, 'queue' | 'priority' | 'serializer' | 'compression' | 'messageGroupId' | 'delaySeconds'>;

/** A route as a function; undefined or null passes on to the next. */
export type Router = (
  name: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  options: ApplyOptions,
) => Route | null | undefined;

/** Patterns to routes: an exact name, a glob (`mail.*`), or a RegExp in the array form. */
export type RouteTable = Readonly<Record<string, Route>> | readonly (readonly [pattern: string | RegExp, route: Route])[];

export type Routes = Router | RouteTable | readonly (Router | RouteTable)[];

export type RouteLookup = (
  name: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  options: ApplyOptions,
) => Exclude<Route, string> | undefined;

/** Compiles the setting taskRoutes. Names matched once are remembered, functions are asked each time. */
export function createRouteLookup(routes: Routes): RouteLookup {
  const routers = toRouters(routes);
  if (routers.length === 0) return () => undefined;
  return (name, args, kwargs, options) => {
    for (const router of routers) {
      const route = router(name, args, kwargs, options);
      if (route !== undefined && route !== null) return typeof route === 'string' ? { queue: route } : route;
    }
    return undefined;
  };
}

function toRouters(routes: Routes): readonly Router[] {
  if (typeof routes === 'function') return [routes];
  if (!Array.isArray(routes)) return [tableRouter(Object.entries(routes as Readonly<Record<string, Route>>))];
  if (routes.length > 0 && routes.every(isPair)) return [tableRouter(routes)];
  return routes.flatMap((part: Router | RouteTable) => toRouters(part));
}

const isPair = (part: unknown): part is readonly [string | RegExp, Route] =>
  Array.isArray(part) && part.length === 2 && (typeof part[0] === 'string' || part[0] instanceof RegExp);

/** Exact names win over patterns, patterns go in the order given (celery MapRoute). */
function tableRouter(table: readonly (readonly [string | RegExp, Route])[]): Router {
  const exact = new Map<string, Route>();
  const patterns: (readonly [RegExp, Route])[] = [];
  for (const [pattern, route] of table) {
    checkRoute(pattern, route);
    if (pattern instanceof RegExp) patterns.push([pattern, route]);
    else if (pattern.includes('*')) patterns.push([globToRegExp(pattern), route]);
    else exact.set(pattern, route);
  }
  return (name) => exact.get(name) ?? patterns.find(([pattern]) => matchesStart(pattern, name))?.[1];
}

function checkRoute(pattern: string | RegExp, route: Route): void {
  if (typeof route === 'string' ? route !== '' : typeof route === 'object' && route !== null) return;
  throw new ImproperlyConfigured(`The route for '${pattern}' is ${String(route)}; expected a queue name or an object of options.`);
}

/** Celery matches its patterns from the start of the name (re.match). */
function matchesStart(pattern: RegExp, name: string): boolean {
  pattern.lastIndex = 0;
  const match = pattern.exec(name);
  return match !== null && match.index === 0;
}

/** A glob as Python's fnmatch reads it: `*`, `?`, `[a-z]`, `[!a]`. */
function globToRegExp(glob: string): RegExp {
  const source = glob.replace(/\[!?\]?[^\]]*\]|[\s\S]/g, (part) => {
    if (part === '*') return '[^]*';
    if (part === '?') return '[^]';
    if (part.length > 1) return `[${part.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`;
    return part.replace(/[\\^$.|+(){}[\]/-]/, '\\$&');
  });
  return new RegExp(`^${source}$`);
}
