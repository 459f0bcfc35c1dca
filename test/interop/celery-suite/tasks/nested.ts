/** Tasks that give a canvas as their result, and the one that makes signatures of it again. */

import { type AnySignature, type App, chain, chord, group } from '../../../../src/index.ts';
import type { SignatureData } from '../../../../src/wire/message.ts';
import { nameOf } from './python.ts';

export function registerNested(app: App): void {
  // Never sent: as a member it needs nothing, as a body it takes what there is.
  const add = app.declare<[x?: unknown, y?: unknown], unknown>(nameOf('add'));
  const canvases: Readonly<Record<string, () => AnySignature>> = {
    chain_chain: () => chain(chain(add.s())),
    chain_group: () => chain(group([add.s()])),
    chain_chord: () => chain(chord([add.s()], add.s())),
    group_chain: () => group([chain(add.s())]),
    group_group: () => group([group([add.s()])]),
    group_chord: () => group([chord([add.s()], add.s())]),
    chord_chain: () => chord([chain(add.s())], add.s()),
    chord_group: () => chord(group([add.s()]), add.s()),
    chord_chord: () => chord([chord([add.s()], add.s())], add.s()),
  };
  for (const [name, canvas] of Object.entries(canvases)) {
    app.task(nameOf(`return_nested_signature_${name}`), () => canvas().toData());
  }
  app.task(nameOf('rebuild_signature'), { params: ['sig_dict'] }, (given: SignatureData): void => {
    rebuild(app, given);
  });
}

/** @throws ImproperlyConfigured where a part of it is no signature */
function rebuild(app: App, given: SignatureData): void {
  const { kwargs } = app.signature(given);
  const { tasks = [], header = [], body = [] } = kwargs as Readonly<Record<string, SignatureData | readonly SignatureData[]>>;
  for (const part of [tasks, header, body].flat()) rebuild(app, part);
}
