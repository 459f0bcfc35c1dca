/** The most that the ratio of a table may be. They only go down, unless a decision note says why. */

export const TARGETS: Readonly<Record<string, number>> = {
  // An invocation against the bare loop's.
  'consume/10x1KB': 1.35,
  'consume/1x1KB': 1.45,
  'consume/10x10KB': 1.08,
  // writeMessage against a template string.
  'publish/default': 2,
  'publish/1KB': 2,
  // Importing the worker, over an empty handler, against importing node:crypto (docs/decisions: what a cold start costs).
  'cold/import': 1.5,
  // The first invocation, ten messages, against the bare loop's.
  'cold/first': 8.5,
};
