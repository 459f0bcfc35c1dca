/** The promises, as they are looked at: when a task is published, when its function is called, when its message is deleted, and when all is over. */

import type { TaskContext } from '../../src/app/context.ts';
import type { Request } from '../../src/worker/request.ts';
import type { Book, Run } from './book.ts';
import type { Judgement } from './mapping.ts';
import type { Process } from './process.ts';
import type { End, Publication, Sent, Workload } from './workloads/publication.ts';
import type { Climate, World } from './world.ts';

/** A promise was broken. */
export type Missed = (rule: string, what: string) => void;

/** Once publishing resolves, the task is somewhere. */
export function judgePublished(sent: Sent | undefined, { book, scheduled }: World, miss: Missed): void {
  if (sent === undefined || !sent.id.startsWith('t')) return;
  const task = book.tasks.get(sent.id);
  if (task === undefined ? scheduled(sent.id) : true) return;
  miss('published means queued', `${sent.id} was published, and no message of it is in a queue`);
}

/** What is left out of `batchItemFailures` has an end that is kept, and what is given back for no reason is counted. */
export function judgeJudgement(
  { deleted, returned, result, invocation }: Judgement,
  book: Book,
  isScheduled: (taskId: string) => boolean,
  miss: Missed,
): void {
  if (invocation !== undefined && (!result.ok || invocation.disturbances.length > 0)) {
    for (const { messageId } of [...deleted, ...returned]) {
      const message = book.messages.get(messageId)?.message;
      if (message !== undefined) book.task(message).disturbed += 1;
    }
  }
  for (const { messageId } of deleted) {
    const lacking = book.lacking(messageId, isScheduled);
    if (lacking !== undefined)
      miss(
        'acknowledged means durable',
        `${book.nameOf(book.messages.get(messageId)!.body)} is left out of batchItemFailures, and ${lacking}`,
      );
  }
  if (!result.ok || invocation === undefined || invocation.disturbances.length > 0) return;
  const held = new Set<string | undefined>();
  for (const { messageId, attributes } of returned) {
    const { MessageGroupId } = attributes;
    const record = book.messages.get(messageId);
    // Behind one of its group that was given back it had to be given back too.
    if (record !== undefined && !(MessageGroupId !== undefined && held.has(MessageGroupId))) record.unexplained += 1;
    held.add(MessageGroupId);
  }
}

/** Starts of a task that takes its worker with it, before it is set aside; a message that SQS delivers once more after that begins anew. */
const MOST_KILLS = 3;

export interface Start {
  readonly run: Run;
  readonly self: TaskContext;
  readonly process: Process;
  readonly book: Book;
  readonly workload: Workload;
  readonly climate: Climate;
  readonly miss: Missed;
}

export function judgeStart(start: Start): void {
  const { run, self, process, book, workload, miss } = start;
  const ownMs = process.clock.now();
  const { eta, expires } = self.request;
  const task = book.tasks.get(run.taskId);
  if (task === undefined || !(book.roots.has(self.request.rootId) || book.foreseen.has(self.request.rootId))) {
    miss('nothing unexpected', `${run.task} ${run.taskId} runs, and nobody published it`);
    return;
  }
  if (eta !== null && Date.parse(eta) > ownMs)
    miss('eta never early', `${run.taskId} runs at ${new Date(ownMs).toISOString()}, before ${eta}`);
  if (expires !== null && Date.parse(expires) < ownMs)
    miss('expired is not run', `${run.taskId} runs at ${new Date(ownMs).toISOString()}, after ${expires}`);
  judgeOrder(run, self, book, miss);
  judgeTime(start);
  if (run.task === 'kills' && task.runs.length > MOST_KILLS * (1 + task.buried.size))
    miss('a killer is stopped', `${run.taskId} runs for the ${task.runs.length + 1}th time`);
  if (!workload.idempotent) return;
  if (book.settled.has(run.claimKey)) {
    const rule = run.invocation.abandoned ? 'an overtaken attempt does not run' : 'a settled task does not run';
    miss(rule, `${run.claimKey} runs in ${process.name}, and is settled`);
  }
  for (const other of task.runs) {
    const { invocation, claimKey, ended } = other;
    if (claimKey !== run.claimKey || ended !== undefined || invocation === run.invocation) continue;
    if (invocation.abandoned || invocation.process.state !== 'up' || run.invocation.abandoned) continue;
    miss('one run at a time', `${claimKey} runs in ${process.name} and in ${invocation.process.name}`);
  }
}

/** Between the look at the time and the call, where nothing is slow. */
const ON_THE_WAY_MS = 1000;

/** There is time for it, and no more run beside it than was asked for: as far as nothing has gone wrong around it, and so been slow. */
function judgeTime({ run, self, climate: { timeoutMs, atOnce }, book, miss }: Start): void {
  const { endsMs, disturbances } = run.invocation;
  if (endsMs === undefined || disturbances.length > 0) return;
  const [hardSeconds] = (self.request as Request).timeLimit;
  const leftMs = endsMs - Math.min(2000, timeoutMs * 0.1) - run.startMs;
  const neededMs = Math.min((hardSeconds ?? 0) * 1000, timeoutMs * 0.8) - ON_THE_WAY_MS;
  if (leftMs < neededMs) miss('time for it', `${run.taskId} is started with ${leftMs} ms, and may take ${hardSeconds} s`);
  let beside = 0;
  for (const task of book.tasks.values()) {
    // A function that is over its limit goes on, and its record has ended.
    for (const one of task.runs) if (one.invocation === run.invocation && one.ended === undefined && one.task !== 'overlong') beside += 1;
  }
  if (beside >= atOnce) miss('as many as asked for', `${run.taskId} runs beside ${beside} others, and ${atOnce} may at a time`);
}

/** Of its group on a FIFO queue, all before it have ended. */
function judgeOrder(run: Run, { request }: TaskContext, book: Book, miss: Missed): void {
  if (!request.queue.endsWith('.fifo')) return;
  const own = book.messages.get(request.messageId);
  if (own === undefined || own.group === undefined) return;
  for (const other of book.messages.values()) {
    if (other.order >= own.order) return;
    if (other.group !== own.group || other.queue !== own.queue || other.message === undefined) continue;
    const task = book.task(other.message);
    if (!book.isDone(task) && task.buried.size === 0 && !task.isResent)
      miss('order of a group', `${run.taskId} runs before ${task.id} has ended`);
  }
}

export function judgeEnd(
  plan: readonly Publication[],
  sent: ReadonlyMap<string, Sent | 'accepted'>,
  isIdempotent: boolean,
  book: Book,
  miss: Missed,
): void {
  for (const task of book.tasks.values()) {
    if (book.isDone(task) || task.buried.size > 0) continue;
    if (task.ignoresResult && task.runs.some(({ ended }) => ended !== undefined)) continue;
    miss('nothing lost', `${task.task} ${task.id} has neither a result nor a grave; it ran ${task.runs.length} times`);
  }
  for (const id of book.documents.keys()) {
    if (!book.tasks.has(id) && !book.foreseen.has(id)) miss('nothing unexpected', `${id} has a result, and nobody sent it`);
  }
  for (const text of book.rewritten) miss('a result stays', text);
  judgeBurials(plan, isIdempotent, book, miss);
  const end = endOf(book);
  for (const publication of plan) {
    const known = sent.get(publication.label);
    const complaint = publication.complaint(end, known === 'accepted' ? undefined : known);
    if (complaint !== undefined && !(known === undefined && publication.isPoison === true)) miss('results right', complaint);
  }
}

/** What its worker sets aside for a killer has ended none, if nothing went wrong so often. Without claims copies may run at once, and look like it. */
function judgeSetAside(poison: ReadonlySet<string>, book: Book, miss: Missed): void {
  for (const { isMoved, message, queue } of book.messages.values()) {
    if (isMoved || message === undefined || queue !== 'quarantine') continue;
    const { id, disturbed } = book.task(message);
    if (disturbed < MOST_KILLS && !poison.has(id)) {
      miss('set aside for a reason', `${id} was set aside, and something had gone wrong around it ${disturbed} times`);
    }
  }
}

/** Receives that came to nothing though nothing had gone wrong: a few, while another attempt holds its claim. */
const FREE_RECEIVES = 3;

function judgeBurials(plan: readonly Publication[], isIdempotent: boolean, book: Book, miss: Missed): void {
  const poison = new Set(plan.filter(({ isPoison }) => isPoison === true).map(({ label }) => label));
  if (isIdempotent) judgeSetAside(poison, book, miss);
  for (const { isMoved, message, unexplained, receives } of book.messages.values()) {
    if (!isMoved || message === undefined || unexplained < FREE_RECEIVES || poison.has(message.headers.id)) continue;
    miss('buried for a reason', `${message.headers.id} was received ${receives} times, ${unexplained} of them in vain for no reason`);
  }
}

function endOf(book: Book): End {
  const roots = new Set<string>();
  for (const task of book.tasks.values()) if (task.buried.size > 0) roots.add(task.rootId);
  return {
    document: (id) => book.documents.get(id),
    wasQueued: (id) => book.tasks.has(id),
    isBuried: (id) => (book.tasks.get(id)?.buried.size ?? 0) > 0,
    isRootBuried: (id) => roots.has(book.tasks.get(id)?.rootId ?? ''),
    argsOf: (id) => [...new Set(book.tasks.get(id)?.runs.map(({ args }) => args) ?? [])],
    wasDisturbed: (id) => book.tasks.get(id)?.runs.some(({ invocation }) => invocation.disturbances.length > 0) === true,
    toldWith: (tag) =>
      [...book.tasks.values()]
        .filter(({ task, runs }) => task === 'told' && runs.some(({ args }) => args.includes(`"${tag}"`)))
        .map(({ id }) => id),
    isQuarantined: (body) => ![...book.messages.values()].some((one) => one.body === body) || book.isSetAside(body),
  };
}
