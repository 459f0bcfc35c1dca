/**
 * What celeriac logs to: one object per line with a `message`, the one shape that pino, Powertools' Logger and `console` all take as it is.
 * Lines carry names, ids and times, never argument or result values.
 */

export interface LogLine {
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface Logger {
  debug(line: LogLine): void;
  info(line: LogLine): void;
  warn(line: LogLine): void;
  error(line: LogLine): void;
}

const nothing = (): void => {};

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Longest line written, in characters; beyond it a line says only what it was and that it was cut. */
const LINE_LIMIT = 16_384;

/**
 * A logger that hands each line to `write` as one line of JSON, control characters escaped.
 *
 * @example createJsonLogger((text) => process.stdout.write(`${text}\n`))
 */
export function createJsonLogger(write: (text: string) => void): Logger {
  const at =
    (level: string) =>
    (line: LogLine): void => {
      const text = JSON.stringify({ level, ...line });
      write(text.length <= LINE_LIMIT ? text : JSON.stringify({ level, message: line.message.slice(0, 200), cut: text.length }));
    };
  return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
}
