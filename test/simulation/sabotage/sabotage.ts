/** One deliberate fault: a place of the code, rewritten as somebody might have written it. */

export interface Sabotage {
  readonly name: string;
  /** The promise of docs/guarantees.md that it breaks. */
  readonly promise: number;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Rules that see it for what it is; a life that breaks others alone does not count. */
  readonly by: readonly string[];
  /** Workloads in which it should show: their lives come first. Where it shows everywhere there are none. */
  readonly shows: readonly string[];
}

export const sabotage = (
  name: string,
  promise: number,
  file: string,
  find: string,
  replace: string,
  by: readonly string[],
  shows: readonly string[],
): Sabotage => ({
  name,
  promise,
  file: `src/${file}`,
  find,
  replace,
  by,
  shows,
});
