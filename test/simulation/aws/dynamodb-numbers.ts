/** DynamoDB's numbers: exact decimals of up to 38 digits, written without exponent. Whole numbers of up to 15 digits take the short way. */

import { sdkError } from './machine.ts';

const SHORT = /^-?\d{1,15}$/;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const MAX_DIGITS = 38;

/** coefficient × 10^exponent; a coefficient without zeros at its end. */
interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** As DynamoDB gives it back. Throws a ValidationException for what is no number, or too long or large for one. */
export function canonicalNumber(text: string): string {
  if (SHORT.test(text)) return String(Number(text) + 0);
  return written(decimal(text));
}

/** Negative, 0 or positive. */
export function compareNumbers(a: string, b: string): number {
  if (SHORT.test(a) && SHORT.test(b)) return Number(a) - Number(b);
  const [left, right] = aligned(decimal(a), decimal(b));
  return left < right ? -1 : left > right ? 1 : 0;
}

export function addNumbers(a: string, b: string, sign: 1 | -1): string {
  if (SHORT.test(a) && SHORT.test(b)) return canonicalNumber(String(Number(a) + sign * Number(b)));
  const [left, right, exponent] = aligned(decimal(a), decimal(b));
  return written(checked(stripped(left + BigInt(sign) * right, exponent)));
}

function decimal(text: string): Decimal {
  const found = NUMBER.exec(text);
  const digits = (found?.[2] ?? '') + (found?.[3] ?? '');
  if (found === null || digits === '')
    throw sdkError('ValidationException', `The parameter cannot be converted to a numeric value: ${text}`);
  const exponent = Number(found[4] ?? 0) - (found[3]?.length ?? 0);
  return checked(stripped(BigInt(`${found[1] === '-' ? '-' : ''}${digits}`), exponent));
}

function checked(value: Decimal): Decimal {
  const digits = String(value.coefficient).replace('-', '').length;
  if (digits > MAX_DIGITS) throw sdkError('ValidationException', 'Attempting to store more than 38 significant digits in a Number');
  const magnitude = digits + value.exponent - 1;
  if (magnitude > 125)
    throw sdkError('ValidationException', 'Number overflow. Attempting to store a number with magnitude larger than supported range');
  if (magnitude < -130)
    throw sdkError('ValidationException', 'Number underflow. Attempting to store a number with magnitude smaller than supported range');
  return value;
}

function stripped(coefficient: bigint, exponent: number): Decimal {
  if (coefficient === 0n) return { coefficient, exponent: 0 };
  let [rest, power] = [coefficient, exponent];
  while (rest % 10n === 0n) {
    rest /= 10n;
    power += 1;
  }
  return { coefficient: rest, exponent: power };
}

function aligned(a: Decimal, b: Decimal): readonly [left: bigint, right: bigint, exponent: number] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [a.coefficient * 10n ** BigInt(a.exponent - exponent), b.coefficient * 10n ** BigInt(b.exponent - exponent), exponent];
}

function written({ coefficient, exponent }: Decimal): string {
  if (exponent >= 0) return String(coefficient) + '0'.repeat(exponent);
  const sign = coefficient < 0n ? '-' : '';
  const digits = String(coefficient < 0n ? -coefficient : coefficient).padStart(1 - exponent, '0');
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}
