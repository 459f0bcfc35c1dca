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

/**
 * An error as a line says it: name, text and stack. Its own fields and what caused it may hold arguments and stay out; with `nameOnly`
 * its text, which often names a value, stays out as well.
 */
export function errorFields(error: unknown, nameOnly = false): { name: string; message?: string; stack?: string } {
  try {
    if (!(error instanceof Error)) return { name: typeof error };
    const { name, message, stack } = error;
    if (!nameOnly) return { name: String(name), message: String(message), ...(typeof stack === 'string' && { stack }) };
    return { name: String(name), stack: framesOf(String(stack)) };
  } catch {
    // A getter that throws, or a proxy.
    return { name: 'Error' };
  }
}

const FRAME = /^ {4}at [^\n]{0,500}(?::\d{1,9}:\d{1,9}\)?|<anonymous>\)?|native\)|index \d{1,9}\))$/;

/** Where it was thrown. Whatever stands above the frames is its text. */
function framesOf(stack: string): string {
  const lines = stack.slice(-4096).split('\n');
  const last = lines.findLastIndex((line) => !FRAME.test(line));
  return lines.slice(last + 1).join('\n');
}

/** Longest line written, in bytes; of a longer one long fields are cut, and `cut` says how many characters it had. */
const LINE_LIMIT = 16_384;
/** Tried in turn: characters kept of each field. */
const FIELD_LIMITS = [1_000, 100];

/**
 * A logger that hands each line to `write` as one line of JSON, at most 16 kB. Whatever might end or hide a line is escaped; errors are
 * written as name, message and stack.
 *
 * @example createJsonLogger((text) => process.stdout.write(`${text}\n`))
 */
export function createJsonLogger(write: (text: string) => void): Logger {
  const at =
    (level: string) =>
    (line: LogLine): void =>
      write(toText(level, line));
  return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
}

function toText(level: string, line: LogLine): string {
  const text = toJson(() => ({ level, ...line }));
  if (text !== undefined && fits(text)) return text;
  const mark = text === undefined ? { unwritable: true } : { cut: text.length };
  for (const limit of FIELD_LIMITS) {
    const short = toJson(() => ({ level, ...shortened(line, limit), ...mark }));
    if (short !== undefined && fits(short)) return short;
  }
  return toJson(() => ({ level, message: String(line.message).slice(0, 100), ...mark })) ?? '{"message":"a line that cannot be written"}';
}

/** A character takes three bytes at most. */
const fits = (text: string): boolean => text.length <= LINE_LIMIT / 3 || new TextEncoder().encode(text).length <= LINE_LIMIT;

/** JSON escapes no control characters beyond the first 32, no line separators and nothing that turns the direction of a text. */
const HIDDEN = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Undefined for a circle, or where reading a field throws. */
function toJson(fieldsOf: () => object): string | undefined {
  try {
    const fields = fieldsOf();
    const isPlain = Object.values(fields).every((value) => value === null || (typeof value !== 'object' && typeof value !== 'bigint'));
    const text = isPlain ? JSON.stringify(fields) : JSON.stringify(fields, writable);
    return HIDDEN.test(text) ? text.replace(new RegExp(HIDDEN, 'g'), escaped) : text;
  } catch {
    return undefined;
  }
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Looks at what stands there itself: an error's own toJSON may tell everything it knows. */
function writable(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return this[key] instanceof Error ? errorFields(this[key]) : value;
}

/** The first fields, each cut; of objects one level stays. */
function shortened(fields: object, limit: number, isInner = false): object {
  const short = (value: unknown): unknown => {
    if (typeof value === 'string') return value.slice(0, limit);
    if (typeof value !== 'object' || value === null) return value;
    return isInner ? '…' : shortened(value instanceof Error ? errorFields(value) : value, limit, true);
  };
  return Object.fromEntries(
    Object.entries(fields)
      .slice(0, 24)
      .map(([name, value]) => [name.slice(0, 100), short(value)]),
  );
}
