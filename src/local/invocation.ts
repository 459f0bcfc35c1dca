/** What asking a function to run comes to, whoever runs it: the terms between the event source mapping and a function. */

/**
 * How an invocation ended. `payload` is the function's answer as JSON text (`null` for a function that returned nothing);
 * a failure has Lambda's error type, like `Sandbox.Timedout`, `Runtime.ExitError`, or the name of what the handler threw.
 */
export type InvokeResult =
  | { readonly ok: true; readonly payload: string }
  | { readonly ok: false; readonly errorType: string; readonly message: string };

/** The largest event and the largest answer Lambda passes on, in bytes. */
export const PAYLOAD_BYTES = 6 * 1024 * 1024;
