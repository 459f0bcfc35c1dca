/** Canvases as data, written short. */

import type { SignatureData } from '../../src/wire/message.ts';
import { plain } from './signatures.ts';

type More = Partial<SignatureData>;

export const task = plain;

export const chainData = (tasks: readonly SignatureData[], more: More = {}): SignatureData =>
  plain('celery.chain', [], { kwargs: { tasks }, subtask_type: 'chain', ...more });

export const groupData = (tasks: readonly SignatureData[], more: More = {}): SignatureData =>
  plain('celery.group', [], { kwargs: { tasks }, subtask_type: 'group', ...more });

export const chordData = (header: unknown, body: SignatureData | null, more: More = {}): SignatureData =>
  plain('celery.chord', [], { kwargs: { kwargs: {}, header, body }, subtask_type: 'chord', ...more });

export const mapData = (type: 'xmap' | 'xstarmap', mapped: SignatureData, it: readonly unknown[]): SignatureData =>
  plain(type === 'xmap' ? 'celery.map' : 'celery.starmap', [], { kwargs: { task: mapped, it }, subtask_type: type, immutable: true });

export const chunksData = (mapped: SignatureData, it: readonly unknown[], n: unknown): SignatureData =>
  plain('celery.chunks', [], { kwargs: { task: mapped, it, n }, subtask_type: 'chunks', immutable: true });
