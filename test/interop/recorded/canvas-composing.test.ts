import { expect, test } from 'vitest';
import { chained } from '../../../src/canvas/chaining.ts';
import { linked, linkedError, pipe, type StampingVisitor, stamped, withCall } from '../../../src/canvas/compose.ts';
import { isCeleryError } from '../../../src/errors.ts';
import type { SignatureData } from '../../../src/wire/message.ts';
import { canvasCases, renumbered } from '../../support/canvas-cases.ts';

interface Case {
  readonly operation: 'pipe' | 'chain' | 'link' | 'linkError' | 'clone' | 'set' | 'stamp';
  readonly name: string;
  readonly inputs: readonly SignatureData[];
  readonly output?: SignatureData;
  /** Name of Python's exception. */
  readonly error?: string;
  readonly onHeader?: boolean;
  readonly args?: readonly unknown[];
  readonly kwargs?: Record<string, unknown>;
  readonly options?: Record<string, unknown>;
  readonly immutable?: boolean;
  readonly append?: boolean;
  readonly stamps?: Record<string, unknown>;
  readonly visitor?: 'naming' | 'short' | 'header';
}

const size = (signature: SignatureData): number => (signature.kwargs['tasks'] as readonly unknown[]).length;

/** The visitors of generate-canvas.py. */
const visitors: Record<NonNullable<Case['visitor']>, StampingVisitor> = {
  naming: {
    onSignature: ({ task }) => ({ of_signature: task }),
    onGroupStart: (group) => ({ of_group: size(group) }),
    onChainStart: (chain) => ({ of_chain: size(chain), stamped_headers: ['of_chain'] }),
    onChordBody: () => ({ of_body: true }),
    onCallback: ({ task }) => ({ of_callback: task }),
    onErrback: ({ task }) => ({ of_errback: task }),
  },
  short: { onSignature: ({ task }) => ({ short: ['x', task], who: 'visitor' }) },
  header: {
    onSignature: () => undefined,
    onGroupStart: () => ({ never: 'for headers' }),
    onChordHeaderStart: ({ kwargs }) => ({ of_header: (kwargs['header'] as readonly unknown[]).length }),
    onChordHeaderEnd: () => undefined,
  },
};

function compose({ operation, inputs, onHeader, args, kwargs, options, immutable, append, stamps, visitor }: Case): SignatureData {
  const [first, second] = inputs as [SignatureData, SignatureData];
  switch (operation) {
    case 'pipe':
      return pipe(first, second);
    case 'chain':
      return chained(inputs);
    case 'link':
      return linked(first, second);
    case 'linkError':
      return linkedError(first, second, { errbacksOnChordHeader: onHeader! });
    case 'clone':
      return withCall(first, { args: args!, kwargs: kwargs!, options: options! });
    case 'set':
      return withCall(first, { immutable: immutable!, options: options! });
    case 'stamp':
      return stamped(first, visitor === undefined ? stamps! : visitors[visitor], append);
  }
}

const cases = canvasCases<Case>('composing');

test('there are cases', () => {
  expect(cases.length).toBeGreaterThan(300);
});

test.each(cases)('$operation $name gives what Celery makes of it', (recorded) => {
  const before = JSON.stringify(recorded.inputs);
  if (recorded.output === undefined) {
    expect(() => compose(recorded)).toThrow(expect.toSatisfy(isCeleryError));
    return;
  }
  const composed = compose(recorded);
  expect(JSON.stringify(recorded.inputs)).toBe(before);
  expect(renumbered({ inputs: recorded.inputs, output: composed })).toEqual(
    renumbered({ inputs: recorded.inputs, output: withoutStrayNames(recorded.output) }),
  );
});

/** In Celery, signatures that are stamped one after another share one list of names: those of a sibling may stay in it, without a stamp. */
function withoutStrayNames<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutStrayNames) as T;
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  const names = fields['stamped_headers'];
  const entries = Object.entries(fields).map(([name, field]) => [name, withoutStrayNames(field)]);
  if (Array.isArray(names)) entries.push(['stamped_headers', names.filter((name) => Object.hasOwn(fields, name as string))]);
  return Object.fromEntries(entries) as T;
}
