/** The figures that docs/performance.md is about: what is to be reached, and how a run says where it stands. */

import type { Report } from './report.ts';
import { figure, ratioText, rowOf, type Table } from './table.ts';

interface Standing {
  readonly text: string;
  readonly met: boolean;
}

interface Figure {
  readonly what: string;
  readonly toReach: string;
  /** Of the bench, by which it is measured. */
  readonly question: string;
  measure(tables: Tables): Standing;
}

/** The table of a key; throws when the run has not measured it. */
type Tables = (key: string) => Table;

const LEAN = 'celeriac, lean transport';
const SDK = 'celeriac, SDK transport';

/** What the ratios of a question are to. */
const BASES = new Map([
  ['send', ' the SDK’s SendMessage'],
  ['consume', ' the bare loop'],
  ['encode', ' a template string'],
]);

export const FIGURES: readonly Figure[] = [
  {
    what: 'first send in a cold process, import included, lean transport',
    toReach: '≤ by hand + 20 ms, ≤ 1/3.5 of the SDK’s',
    question: 'first',
    measure(tables) {
      const own = rowOf(tables('first/by-hand'), LEAN);
      const byHand = rowOf(tables('first/by-hand'), 'by hand');
      const { ratio } = rowOf(tables('first/sdk'), LEAN);
      const over = own.value - byHand.value;
      return {
        text: `${figure(own.value)} ms: by hand (${figure(byHand.value)}) + ${figure(over)} ms, ${ratioText(ratio)} of the SDK’s`,
        met: over <= 20 && ratio <= 1 / 3.5,
      };
    },
  },
  ratioFigure('processor time of a message, lean transport, 1000 calls in one turn', 1 / 20, 'send/1000-together', LEAN),
  ratioFigure('the same, 50 calls in flight', 1 / 20, 'send/50-in-flight', LEAN),
  ratioFigure('1000 calls in one turn, SDK transport', 1 / 6, 'send/1000-together', SDK),
  ratioFigure('processor time of one lone send, lean transport', 1 / 3, 'send/lone', LEAN),
  {
    what: 'cold import of a worker that sends nothing, DynamoDB backend configured',
    toReach: '≤ 3 ms over an empty handler, entry ≤ 30 KB',
    question: 'cold',
    measure(tables) {
      const { value: ms } = rowOf(tables('cold/import'), 'worker, DynamoDB backend');
      const { value: entry } = rowOf(tables('cold/bytes'), 'worker, entry');
      const { value: whole } = rowOf(tables('cold/bytes'), 'worker, with its chunk');
      return { text: `${figure(ms)} ms, entry ${figure(entry)} KB, ${figure(whole)} with its chunk`, met: ms <= 3 && entry <= 30 };
    },
  },
  ratioFigure('a batch of 10, 1 KB of arguments, full semantics, no backend', 1.35, 'consume/10x1KB', 'celeriac'),
  ratioFigure('a batch of 10 with the arguments (2, 3), an envelope of 1 KB', 1.35, 'consume/10xdefault', 'celeriac'),
  ratioFigure('a batch of 1, 1 KB of arguments', 1.45, 'consume/1x1KB', 'celeriac'),
  ratioFigure('a batch of 10, 10 KB of arguments', 1.08, 'consume/10x10KB', 'celeriac'),
  {
    what: 'heap held by a record of 1 KB while its task runs',
    toReach: '≤ 3.5 KB',
    question: 'heap',
    measure(tables) {
      const { value } = rowOf(tables('heap/held'), 'celeriac');
      return { text: `${figure(value)} KB`, met: value <= 3.5 };
    },
  },
  ratioFigure('growth of that from a batch of 10 to one of 10 000', 1.1, 'heap/growth', '10000 records'),
  ratioFigure('growth of the time of a record, the same', 1.1, 'heap/time-growth, celeriac', '10000 records'),
  ratioFigure('one message encoded', 1.5, 'encode/default', 'writeMessage'),
];

function ratioFigure(what: string, most: number, key: string, name: string): Figure {
  return {
    what,
    toReach: `≤ ${ratioText(most)} ×${BASES.get(key.split('/')[0]!) ?? ''}`,
    question: key.split('/')[0]!,
    measure(tables) {
      const table = tables(key);
      const { ratio, value } = rowOf(table, name);
      const base = table.rows[0]!;
      return {
        text: `${ratioText(ratio)} × (${figure(value)} against ${figure(base.value)} ${table.unit})`,
        met: ratio <= most,
      };
    },
  };
}

/** Section of docs/performance.md: what is to be reached, and what was. */
export function figuresMarkdown(report: Report): string {
  const tables: Tables = (key) => {
    const table = report.tables.find((one) => one.key === key);
    if (table === undefined) throw new Error(`The run has no table '${key}'; ask all questions, or complete it by --compare.`);
    return table;
  };
  const lines = FIGURES.map((one) => {
    const { text, met } = one.measure(tables);
    return `| ${one.what} | ${one.toReach} | ${text} | ${met ? 'yes' : 'no'} | \`npm run bench -- ${one.question}\` |`;
  });
  return ['| what | to reach | measured | reached | command |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}
