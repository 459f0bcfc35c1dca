/** Conditions: read once into functions, NOT before AND before OR. */

import { Buffer } from 'node:buffer';
import type { SimValue } from './contract.ts';
import { valueAt } from './dynamodb-paths.ts';
import type { Reader, Scope } from './dynamodb-reader.ts';
import { equals, invalid, order, setMembers, typeOf } from './dynamodb-values.ts';

export type Condition = (scope: Scope) => boolean;
type Operand = (scope: Scope) => SimValue | undefined;

export function readCondition(reader: Reader): Condition {
  const left = readAnd(reader);
  if (!reader.accept('OR')) return left;
  const right = readCondition(reader);
  return (scope) => left(scope) || right(scope);
}

function readAnd(reader: Reader): Condition {
  const left = readNot(reader);
  if (!reader.accept('AND')) return left;
  const right = readAnd(reader);
  return (scope) => left(scope) && right(scope);
}

function readNot(reader: Reader): Condition {
  if (!reader.accept('NOT')) return readSimple(reader);
  const inner = readNot(reader);
  return (scope) => !inner(scope);
}

function readSimple(reader: Reader): Condition {
  if (reader.accept('(')) {
    const inner = readCondition(reader);
    reader.expect(')');
    return inner;
  }
  if (reader.peek(1) === '(' && reader.peek() !== 'size') return readFunction(reader);
  return readComparison(reader);
}

function readComparison(reader: Reader): Condition {
  const left = readOperand(reader);
  if (reader.accept('BETWEEN')) {
    const low = readOperand(reader);
    reader.expect('AND');
    const high = readOperand(reader);
    return (scope) => holds('>=', left(scope), low(scope)) && holds('<=', left(scope), high(scope));
  }
  if (reader.accept('IN')) {
    const choices = readArguments(reader);
    return (scope) => choices.some((choice) => holds('=', left(scope), choice(scope)));
  }
  const sign = reader.peek();
  if (!COMPARISONS.has(sign)) reader.fail();
  reader.take();
  const right = readOperand(reader);
  return (scope) => holds(sign, left(scope), right(scope));
}

function readOperand(reader: Reader): Operand {
  if (reader.peek().startsWith(':')) return reader.value();
  if (reader.peek() === 'size' && reader.peek(1) === '(') {
    reader.take();
    const [measured, ...more] = readArguments(reader);
    if (more.length > 0 || measured === undefined) reader.fail();
    return (scope) => sizeOf(measured!(scope));
  }
  const path = reader.path();
  return ({ item, names }) => valueAt(item, path(names));
}

function readArguments(reader: Reader): readonly Operand[] {
  reader.expect('(');
  const operands = [readOperand(reader)];
  while (reader.accept(',')) operands.push(readOperand(reader));
  reader.expect(')');
  return operands;
}

const COMPARISONS: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['=', (sign) => sign === 0],
  ['<>', (sign) => sign !== 0],
  ['<', (sign) => sign < 0],
  ['<=', (sign) => sign <= 0],
  ['>', (sign) => sign > 0],
  ['>=', (sign) => sign >= 0],
]);

/** What is not there equals nothing and differs from everything. */
function holds(sign: string, left: SimValue | undefined, right: SimValue | undefined): boolean {
  if (sign === '=' || sign === '<>') return (left !== undefined && right !== undefined && equals(left, right)) === (sign === '=');
  const found = left === undefined || right === undefined ? undefined : order(left, right);
  return found !== undefined && COMPARISONS.get(sign)!(found);
}

type Function = (first: SimValue | undefined, second: SimValue | undefined) => boolean;

/** By name, with the number of their arguments. */
const FUNCTIONS: ReadonlyMap<string, readonly [count: number, test: Function]> = new Map<string, readonly [number, Function]>([
  ['attribute_exists', [1, (value) => value !== undefined]],
  ['attribute_not_exists', [1, (value) => value === undefined]],
  ['attribute_type', [2, (value, type) => value !== undefined && typeOf(value) === type?.S]],
  ['begins_with', [2, (value, start) => value !== undefined && start !== undefined && beginsWith(value, start)]],
  ['contains', [2, (value, member) => value !== undefined && member !== undefined && contains(value, member)]],
]);

function readFunction(reader: Reader): Condition {
  const name = reader.take();
  const [count, test] = FUNCTIONS.get(name) ?? [];
  if (test === undefined) throw invalid(`Invalid ConditionExpression: Invalid function name; function: ${name}`);
  const [first, second, ...more] = readArguments(reader);
  if (more.length > 0 || (second === undefined ? 1 : 2) !== count) {
    throw invalid(`Invalid ConditionExpression: Incorrect number of operands for operator or function; operator or function: ${name}`);
  }
  return (scope) => test(first!(scope), second?.(scope));
}

function sizeOf(value: SimValue | undefined): SimValue | undefined {
  const { S, B, L, M, SS, NS, BS } = value ?? {};
  const many = B?.byteLength ?? (SS ?? NS ?? BS ?? L ?? (M && Object.keys(M)))?.length ?? (S === undefined ? undefined : [...S].length);
  return many === undefined ? undefined : { N: String(many) };
}

function beginsWith(value: SimValue, start: SimValue): boolean {
  if (value.S !== undefined && start.S !== undefined) return value.S.startsWith(start.S);
  return value.B !== undefined && start.B !== undefined && Buffer.from(value.B).subarray(0, start.B.byteLength).equals(start.B);
}

function contains(value: SimValue, member: SimValue): boolean {
  if (value.L !== undefined) return value.L.some((element) => equals(element, member));
  if (value.S !== undefined) return member.S !== undefined && value.S.includes(member.S);
  if (value.B !== undefined) return member.B !== undefined && Buffer.from(value.B).includes(Buffer.from(member.B));
  if (value.SS !== undefined) return member.S !== undefined && value.SS.includes(member.S);
  if (value.NS !== undefined) return member.N !== undefined && setMembers(value).includes(setMembers({ NS: [member.N] })[0]!);
  return value.BS !== undefined && member.B !== undefined && value.BS.some((bytes) => Buffer.from(bytes).equals(member.B!));
}
