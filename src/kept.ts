/** Things made late: nothing is imported, opened or looked up before it is needed, and then it is kept. */

/** Makes its value on first use and keeps it, unless making it failed. */
export function kept<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= make().catch((error: unknown) => {
      value = undefined;
      throw error;
    });
    return value;
  };
}
