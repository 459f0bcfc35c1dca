import { expect, test } from 'vitest';
import { chained } from '../../../src/canvas/chaining.ts';
import { linkedError, pipe, stamped } from '../../../src/canvas/compose.ts';
import type { Plan, PlanCall, PlannedTask, WireOptions } from '../../../src/canvas/plan.ts';
import { planOf } from '../../../src/canvas/planning.ts';
import type { SignatureData } from '../../../src/wire/message.ts';
import { chainData, chordData, chunksData, groupData, mapData, task } from '../../support/canvas-data.ts';
import { fileNames, readText } from '../../support/recorded.ts';

const add = (...args: readonly unknown[]): SignatureData => task('proj.tasks.add', args);
const mul = (...args: readonly unknown[]): SignatureData => task('proj.tasks.mul', args);
const si = (signature: SignatureData): SignatureData => ({ ...signature, immutable: true });
const set = (signature: SignatureData, options: WireOptions): SignatureData => ({ ...signature, options });
const xsum = task('proj.tasks.xsum');
const reported = (label: string): SignatureData => task('proj.tasks.report', [], { kwargs: { label } });
const onErrOld = task('proj.tasks.on_err_old');
const onErrNew = task('proj.tasks.on_err_new');
const failing = task('proj.tasks.fail', ['hdr']);
const stampVisitor = { onSignature: () => ({ trace_id: 'tr-0001', stamped_headers: ['trace_id'] }) };

type Call = Pick<PlanCall, 'args' | 'kwargs' | 'options'>;

/** The call of each recording, by its name. A task's own apply_async is that of its signature. */
const calls: Record<string, readonly [SignatureData, Call?]> = {
  'chain-3': [chained([add(4, 4), mul(8), mul(10)])],
  'chain-ending-in-group': [chained([add(1, 1), groupData([mul(2), mul(3)])])],
  'chain-with-group': [chained([add(1, 1), groupData([mul(2), mul(3)]), si(reported('end'))])],
  'chain-with-link-error': [chained([add(4, 4), mul(8)]), { options: { link_error: onErrOld } }],
  'chain-with-partial-args': [chained([add(4), mul(8)]), { args: [10], options: { countdown: 5 } }],
  chord: [chordData([add(1, 1), add(2, 2), add(3, 3)], xsum)],
  'chord-body-chain': [chordData([add(1, 1), add(2, 2)], chainData([xsum, mul(2)]))],
  'chord-in-chain': [chained([add(1, 1), chordData([mul(2), mul(3)], xsum), mul(5)])],
  'chord-of-groups': [chordData([groupData([add(1, 1), add(2, 2)]), add(3, 3)], xsum)],
  'chord-with-link-error': [chordData([add(1, 1), add(2, 2)], linkedError(xsum, onErrNew))],
  chunks: [
    chunksData(
      task('proj.tasks.add'),
      [0, 1, 2, 3, 4].map((n) => [n, n]),
      2,
    ),
  ],
  'group-3': [groupData([add(1, 1), add(2, 2), add(3, 3)])],
  'group-of-chains': [groupData([chained([add(1, 1), mul(2)]), chained([add(2, 2), mul(3)])])],
  'group-then-task': [pipe(groupData([add(1, 1), add(2, 2)]), xsum)],
  'immutable-chain': [chained([si(add(1, 1)), si(mul(3, 3)), si(reported('end'))])],
  link: [add(2, 2), { options: { link: mul(10) } }],
  'link-and-link-error': [add(2, 2), { options: { link: task('proj.tasks.report'), link_error: [onErrOld, onErrNew] } }],
  'link-error': [add(2, 2), { options: { link_error: onErrNew } }],
  'link-many': [add(2, 2), { options: { link: [mul(10), si(reported('x')), set(add(1), { queue: 'other', countdown: 5 })] } }],
  'link-nested': [add(2, 2), { options: { link: set(mul(10), { link: reported('inner') }) } }],
  map: [mapData('xmap', task('proj.tasks.add'), [1, 2])],
  starmap: [mapData('xstarmap', task('proj.tasks.add'), [[1, 2], [3, 4]])], // biome-ignore format: a table
  'signature-options': [set(add(1, 2), { countdown: 30, queue: 'q1', priority: 3, expires: 600, task_id: 'sig-1', retry: false })],
  stamps: [stamped(add(1, 2), { tenant: 'acme', batch: ['b1', 'b2'] })],
  'stamps-chain': [stamped(chained([add(1, 1), mul(3)]), stampVisitor)],
  'stamps-visitor-group': [stamped(groupData([add(1, 1), add(2, 2)]), stampVisitor)],
  'worker-chain': [chained([add(4, 4), mul(8), mul(10)])],
  'worker-chain-group': [chained([add(1, 1), groupData([mul(2), mul(3)]), xsum])],
  'worker-chord': [chordData([add(1, 1), add(2, 2)], xsum)],
  'worker-chord-error': [chordData([add(1, 1), failing], linkedError(xsum, onErrOld))],
  'worker-group-in-link': [add(2, 2), { options: { link: groupData([mul(2), mul(3)]) } }],
  'worker-inherit-priority-chain': [chained([add(1, 1), mul(3)]), { options: { priority: 8 } }],
  'worker-link': [add(2, 2), { options: { link: [mul(10), reported('cb')] } }],
  'worker-stamps': [stamped(chained([add(1, 1), mul(3)]), stampVisitor)],
};

/** What 5.7 says otherwise than the versions recorded here, at a place in JSON, for both sides to be compared without. */
const CHANGED: readonly { readonly since: RegExp; readonly where: (place: string) => boolean }[] = [
  // The header of a chord that waits in a chain does not carry the body as well, which the chord itself has.
  { since: /^/, where: (place) => /\bheader(\.kwargs\.tasks\.\d+)?\.options\.chord$/.test(place) },
  // Members of a group and bodies of chords did not know their place in 5.2, nor a chain that is a body its id.
  { since: /@5\.2/, where: (place) => /\bgroup_index$|\bchord\b.*\.options\.group_id$|\bchord\.options\.task_id$/.test(place) },
];

/** 5.7 splits `chord(header, a | b)` where it stands in a chain: test/interop/recorded/canvas-sending.test.ts compares that. */
const SPLIT: ReadonlySet<string> = new Set(['chord-in-chain']);

interface Message {
  readonly body: readonly [args: unknown, kwargs: unknown, embed: Record<string, unknown>];
  readonly headers: Record<string, unknown>;
  readonly properties: Record<string, unknown>;
}

interface Recording {
  readonly decoded: Message;
  readonly also: readonly { readonly decoded: Message }[];
}

const HEADERS = [
  'task',
  'id',
  'group',
  'group_index',
  'root_id',
  'parent_id',
  'replaced_task_nesting',
  'stamped_headers',
  'stamps',
] as const;

/** What a canvas decides of a message. */
function wordsOf({ body: [args, kwargs, embed], headers, properties }: Message): unknown {
  return {
    args,
    kwargs,
    embed,
    reply_to: properties['reply_to'],
    eta: headers['eta'] !== null,
    headers: Object.fromEntries(HEADERS.map((name) => [name, headers[name]])),
  };
}

/** The same of a planned task, as celery.app.amqp.as_task_v2 writes it. */
function wordsOfPlanned({ task: name, args, kwargs, options }: PlannedTask, headers: Record<string, unknown>): unknown {
  const list = (value: unknown): unknown => (value === undefined ? null : Array.isArray(value) ? value : [value]);
  const stampNames = options['stamped_headers'] as readonly string[] | undefined;
  const own: Record<(typeof HEADERS)[number], unknown> = {
    task: name,
    id: options['task_id'],
    group: options['group_id'] ?? null,
    group_index: options['group_index'] ?? null,
    root_id: options['root_id'] ?? options['task_id'],
    parent_id: options['parent_id'] ?? null,
    replaced_task_nesting: options['replaced_task_nesting'] ?? 0,
    stamped_headers: stampNames ?? null,
    stamps: Object.fromEntries((stampNames ?? []).map((stamp) => [stamp, options[stamp]])),
  };
  return {
    args,
    kwargs,
    embed: {
      callbacks: list(options['link']),
      errbacks: list(options['link_error']),
      chain: options['chain'] ?? null,
      chord: options['chord'] ?? null,
    },
    reply_to: options['reply_to'] ?? 'reply-to',
    eta: options['countdown'] !== undefined,
    // Headers that the sender's version did not know yet are not compared.
    headers: Object.fromEntries(HEADERS.map((header) => [header, headers[header] === undefined ? undefined : own[header]])),
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Ids in order of appearance; nulls in options, which say nothing, are not there. */
function renumbered(value: unknown, isLeftOut: (place: string) => boolean, place = '', names = new Map<string, string>()): unknown {
  if (typeof value === 'string') {
    if (!UUID.test(value)) return value;
    if (!names.has(value)) names.set(value, `id-${names.size + 1}`);
    return names.get(value);
  }
  if (Array.isArray(value)) return value.map((item, index) => renumbered(item, isLeftOut, `${place}.${index}`, names));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([name, field]) => !isLeftOut(`${place}.${name}`) && !(place.endsWith('options') && field === null),
  );
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [name, renumbered(field, isLeftOut, `${place}.${name}`, names)]));
}

const names = fileNames('celery').filter((file) => Object.hasOwn(calls, file.replace(/(@.*)?\.json$/, '')));

test('there are recordings for every call', () => {
  expect(new Set(names.map((file) => file.replace(/(@.*)?\.json$/, '')))).toEqual(new Set(Object.keys(calls)));
});

test.each(names)('%s is planned as it was sent', (file) => {
  const name = file.replace(/(@.*)?\.json$/, '');
  const recording = JSON.parse(readText(`celery/${file}`)) as Recording;
  const [signature, call] = calls[name]!;
  const replyTo = String(recording.decoded.properties['reply_to']);
  const plan: Plan = planOf(signature, { ...call, newId: () => crypto.randomUUID(), replyTo });
  const messages = [recording.decoded, ...recording.also.map(({ decoded }) => decoded)].slice(0, plan.tasks.length);
  const planned = plan.tasks.map((one, index) => wordsOfPlanned(one, messages[index]?.headers ?? {}));
  const ours = JSON.parse(JSON.stringify(planned).replaceAll('"reply-to"', JSON.stringify(replyTo)));
  const changes = CHANGED.filter(({ since }) => since.test(file));
  const isLeftOut = (place: string): boolean => changes.some(({ where }) => where(place));
  expect(ours).toHaveLength(messages.length);
  if (SPLIT.has(name)) return;
  expect(renumbered(ours, isLeftOut)).toEqual(renumbered(JSON.parse(JSON.stringify(messages.map(wordsOf))), isLeftOut));
});
