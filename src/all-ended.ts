/** Promises that are waited for together, and all of them to the end: one that rejects leaves none of the others running. */

/** What they resolve with, in their order. Rejects with the first of them, in that order, that rejected, once all have ended. */
export async function allEnded<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(work);
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
