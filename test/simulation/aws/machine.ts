/**
 * What all of the simulated AWS has in common: state machines that answer SDK commands at once, in virtual time, and the client that
 * stands before one. When a request arrives, whether it does and whether its answer comes back is the engine's, in `call`.
 */

/** All that is not decided by what is asked. */
export interface Env {
  /** AWS's own clock, milliseconds since 1970. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
}

/** One service. Neither waits nor calls back: an answer, or an error as the SDK throws it. */
export interface Machine {
  /** As points begin, like `sqs`. */
  readonly service: string;
  /** @param command the SDK's class without "Command", like `SendMessageBatch`; what the machine does not know is a TypeError */
  handle(command: string, input: unknown): unknown;
}

/** What the SDK's clients are to the code that is given one. */
export interface SimClient {
  send(command: unknown): Promise<unknown>;
  destroy(): void;
}

/**
 * A request on its way: `apply` does it, as often as it is called and at the moment it is called, and answers or throws as AWS would.
 *
 * @param point like `sqs.SendMessageBatch`
 * @param input the command's, to be looked at only
 */
export type Call = (point: string, apply: () => unknown, input: unknown) => Promise<unknown>;

/** The client of a machine, whose every request goes through `call`. */
export function clientOf(machine: Machine, call: Call): SimClient {
  return {
    send(command) {
      const { constructor: made, input } = command as { readonly constructor: { readonly name: string }; readonly input: unknown };
      const name = made.name.replace(/Command$/, '');
      return call(`${machine.service}.${name}`, () => machine.handle(name, input), input);
    },
    destroy() {},
  };
}

/** An error as the SDK throws it. @param status 400 to 499 is the client's fault, 500 and above the server's */
export function sdkError(name: string, message: string, status = 400, more: object = {}): Error {
  const error = new Error(message);
  error.name = name;
  return Object.assign(error, { $fault: status >= 500 ? 'server' : 'client', $metadata: { httpStatusCode: status, attempts: 1 } }, more);
}

/** The operations of one service by name. */
export type Operations = ReadonlyMap<string, (input: never) => unknown>;

export function machineOf(service: string, operations: Operations): Machine {
  return {
    service,
    handle(command, input) {
      const operation = operations.get(command);
      if (operation === undefined) throw new TypeError(`The simulated ${service} does not know ${command}.`);
      return operation(input as never);
    },
  };
}
