/** JSON as kombu.utils.json reads and writes it: the two doors, each with its own file behind it. */

export { MAX_DEPTH, type ReadLimits, readJson } from './json-read.ts';
export { type WriteOptions, writeJson } from './json-write.ts';
