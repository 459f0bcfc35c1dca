import { expect, test } from 'vitest';
import { frozenMembers } from '../../../src/canvas/frozen-members.ts';
import type { SignatureData } from '../../../src/wire/message.ts';
import { canvasCases } from '../../support/canvas-cases.ts';

interface Case {
  readonly name: string;
  /** As a part of the header carries it. */
  readonly body: SignatureData;
  readonly group: string;
  readonly members: readonly { readonly id: string; readonly errbacks: readonly SignatureData[]; readonly failed: string }[];
}

test.each(canvasCases<Case>('members'))('the group $name is told as Celery tells it when the header fails', ({ body, group, members }) => {
  expect(frozenMembers(body)).toEqual({ groupId: group, members: members.map(({ id, errbacks }) => ({ id, errbacks })) });
  expect(members.map(({ failed }) => failed)).toEqual(members.map(({ id }) => id));
});
