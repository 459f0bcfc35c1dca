/** For `node --import`: what is imported from celeriac comes from src/, so that an example runs as it is written. */

import { registerHooks } from 'node:module';
import manifest from '../../../package.json' with { type: 'json' };

const paths = new Map(Object.entries(manifest.exports).map(([path, target]) => [`celeriac${path.slice(1)}`, target]));

registerHooks({
  resolve(specifier, context, next) {
    const target = paths.get(specifier);
    if (typeof target !== 'object') return next(specifier, context);
    const source = target.default.replace(/^\.\/dist\//, '../../../src/').replace(/\.js$/, '.ts');
    return next(new URL(source, import.meta.url).href, context);
  },
});
