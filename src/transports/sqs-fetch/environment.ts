/** The variables that AWS's own clients read, where there is an environment at all. Read when a request needs them, never at import. */

/** The first of these that is set to something. */
export function readVariable(...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = variable(name);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

function variable(name: string): string | undefined {
  try {
    return globalThis.process?.env?.[name];
  } catch {
    // Deno throws where it was not allowed to read: to us such an environment is empty.
    return undefined;
  }
}
