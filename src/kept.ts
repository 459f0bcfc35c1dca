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

/**
 * The same of something that is closed in the end. Closing what was never asked for opens nothing, and nor does `ifOpen`; what is being
 * opened is waited for.
 */
export function keptOpen<Opened extends { close(): Promise<void> }>(make: () => Promise<Opened>) {
  const made = kept(make);
  let opening: Promise<Opened> | undefined;
  const open = (): Promise<Opened> => {
    opening = made();
    return opening;
  };
  const ifOpen = async (work: (opened: Opened) => Promise<void>): Promise<void> => {
    await opening?.then(work, () => undefined);
  };
  return { open, ifOpen, close: () => ifOpen((opened) => opened.close()) };
}

/** The asynchronous methods of something by name, there at once: it is made when one of them is first called. */
export function lateMethods<Made, Name extends AsyncMethod<Made>>(made: () => Promise<Made>, names: readonly Name[]): Pick<Made, Name> {
  const late =
    (name: Name) =>
    async (...args: never[]) =>
      await ((await made()) as Readonly<Record<Name, AnyMethod>>)[name](...args);
  return Object.fromEntries(names.map((name) => [name, late(name)])) as unknown as Pick<Made, Name>;
}

type AnyMethod = (...args: never[]) => Promise<unknown>;
type AsyncMethod<Made> = { [Name in keyof Made]: Made[Name] extends AnyMethod ? Name : never }[keyof Made];
