/** Updates: SET, REMOVE, ADD and DELETE. All is computed from the item as it was. */

import { Buffer } from 'node:buffer';
import type { SimItem, SimValue } from './contract.ts';
import { addNumbers } from './dynamodb-numbers.ts';
import { comparePaths, overlap, type Path, valueAt, withValue } from './dynamodb-paths.ts';
import type { PathOf, Reader, Scope } from './dynamodb-reader.ts';
import { invalid, setMembers, stored, typeOf, type ValueType } from './dynamodb-values.ts';

export interface Update {
  /** The item as the update makes it. */
  apply(scope: Scope): SimItem;
  /** What it names, in the order written. */
  paths(names: Scope['names']): readonly Path[];
}

interface Action {
  readonly path: PathOf;
  /** The value that is to be there; undefined for none. */
  value(scope: Scope, there: SimValue | undefined): SimValue | undefined;
  readonly removes: boolean;
}

type Operand = (scope: Scope) => SimValue;

export function readUpdate(reader: Reader): Update {
  const actions: Action[] = [];
  const seen = new Set<string>();
  while (reader.peek() !== '') {
    const section = reader.take().toUpperCase();
    const read = SECTIONS.get(section);
    if (read === undefined || seen.has(section)) return reader.fail();
    seen.add(section);
    do actions.push(read(reader));
    while (reader.accept(','));
  }
  const paths: Update['paths'] = (names) => actions.map(({ path }) => path(names));
  return {
    paths,
    apply(scope) {
      const { item, names } = scope;
      const all = paths(names);
      checkPaths(all);
      const changes = actions.map((action, at) => ({
        path: all[at]!,
        value: action.value(scope, valueAt(item, all[at]!)),
        removes: action.removes,
      }));
      let changed = item;
      // What is put behind a list's end is appended in the order of the numbers.
      const put = changes.filter(({ removes }) => !removes).sort((a, b) => comparePaths(a.path, b.path));
      for (const { path, value } of put) changed = withValue(changed, path, value);
      // Elements of lists go from the last to the first, so that the others keep their places.
      const gone = changes.filter(({ removes }) => removes).sort((a, b) => compareLast(b.path, a.path));
      for (const { path } of gone) {
        // Also where nothing is to go the path has to lead somewhere; what only this update put there stays.
        const without = withValue(item, path, undefined);
        if (valueAt(item, path) !== undefined) changed = changed === item ? without : withValue(changed, path, undefined);
      }
      return changed;
    },
  };
}

const SECTIONS: ReadonlyMap<string, (reader: Reader) => Action> = new Map([
  ['SET', readSet],
  ['REMOVE', (reader: Reader): Action => ({ path: reader.path(), removes: true, value: () => undefined })],
  ['ADD', readAdd],
  ['DELETE', readDelete],
]);

function readSet(reader: Reader): Action {
  const path = reader.path();
  reader.expect('=');
  const left = readOperand(reader);
  const sign = reader.accept('+') ? 1 : reader.accept('-') ? -1 : undefined;
  if (sign === undefined) return { path, removes: false, value: left };
  const right = readOperand(reader);
  return { path, removes: false, value: (scope) => ({ N: addNumbers(numberIn(left(scope)), numberIn(right(scope)), sign) }) };
}

function readOperand(reader: Reader): Operand {
  if (reader.peek().startsWith(':')) return ofValue(reader);
  if (reader.peek(1) === '(') return readFunction(reader);
  const path = reader.path();
  return ({ item, names }) => {
    const value = valueAt(item, path(names));
    if (value === undefined) throw invalid('The provided expression refers to an attribute that does not exist in the item');
    return value;
  };
}

function readFunction(reader: Reader): Operand {
  const name = reader.take();
  reader.expect('(');
  if (name === 'if_not_exists') {
    const path = reader.path();
    reader.expect(',');
    const otherwise = readOperand(reader);
    reader.expect(')');
    return (scope) => valueAt(scope.item, path(scope.names)) ?? otherwise(scope);
  }
  if (name !== 'list_append') throw invalid(`Invalid UpdateExpression: Invalid function name; function: ${name}`);
  const first = readOperand(reader);
  reader.expect(',');
  const second = readOperand(reader);
  reader.expect(')');
  return (scope) => ({ L: [...listIn(first(scope)), ...listIn(second(scope))] });
}

function readAdd(reader: Reader): Action {
  const path = reader.path();
  const added = ofValue(reader);
  return {
    path,
    removes: false,
    value(scope, there) {
      const value = added(scope);
      const type = typeOf(value);
      if (type !== 'N' && !SETS.has(type)) throw wrongOperator('ADD', type);
      if (there === undefined) return value;
      if (typeOf(there) !== type) throw wrongType();
      if (type === 'N') return { N: addNumbers(there.N!, value.N!, 1) };
      return toSet(type, [...new Set([...setMembers(there), ...setMembers(value)])]);
    },
  };
}

function readDelete(reader: Reader): Action {
  const path = reader.path();
  const dropped = ofValue(reader);
  return {
    path,
    removes: false,
    value(scope, there) {
      const value = dropped(scope);
      const type = typeOf(value);
      if (!SETS.has(type)) throw wrongOperator('DELETE', type);
      if (there === undefined) return undefined;
      if (typeOf(there) !== type) throw wrongType();
      const members = new Set(setMembers(value));
      const left = setMembers(there).filter((member) => !members.has(member));
      return left.length === 0 ? undefined : toSet(type, left);
    },
  };
}

/** Checked as what is stored. */
function ofValue(reader: Reader): Operand {
  const value = reader.value();
  return (scope) => stored(value(scope));
}

const SETS: ReadonlySet<ValueType> = new Set<ValueType>(['SS', 'NS', 'BS']);

function toSet(type: ValueType, members: readonly string[]): SimValue {
  return type === 'BS' ? { BS: members.map((member) => new Uint8Array(Buffer.from(member, 'base64'))) } : { [type]: members };
}

function numberIn({ N }: SimValue): string {
  if (N === undefined) throw wrongType();
  return N;
}

function listIn({ L }: SimValue): readonly SimValue[] {
  if (L === undefined) throw wrongType();
  return L;
}

const wrongType = (): Error => invalid('An operand in the update expression has an incorrect data type');
const wrongOperator = (name: string, type: string): Error =>
  invalid(`Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ${name}, operand type: ${type}`);

function checkPaths(paths: readonly Path[]): void {
  for (const [at, path] of paths.entries()) {
    if (paths.slice(0, at).some((other) => overlap(path, other))) {
      throw invalid('Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths');
    }
  }
}

function compareLast(a: Path, b: Path): number {
  const [left, right] = [a.at(-1), b.at(-1)];
  return typeof left === 'number' && typeof right === 'number' ? left - right : 0;
}
