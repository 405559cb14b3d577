import { beforeEach, expect, it } from 'vitest';
import { LeapError } from '../../errors';
import { createItem, type Item } from '../state/item';
import type { NewFile } from '../state/new-file';
import type { PageState } from '../state/page-state';
import { OpenerService } from './opener-service';

const ORIGIN = 'https://generator.example';

/** What the opener was told, and to which origin. */
let told: { message: Record<string, unknown>; origin: string }[];
let added: NewFile[];
let page: EventTarget & { items: Item[] };
let opened: EventTarget;
const opener = {
  postMessage: (message: unknown, origin: unknown) =>
    told.push({ message: message as Record<string, unknown>, origin: String(origin) }),
} as unknown as Window;

beforeEach(() => {
  [told, added, opened] = [[], [], new EventTarget()];
  page = Object.assign(new EventTarget(), {
    items: [],
    notify: () => {},
    add: (files: NewFile[]) => added.push(...files),
  });
  new OpenerService(page as unknown as PageState, opener).start(opened);
  told.length = 0;
});

function send(data: unknown, source: unknown = opener, origin = ORIGIN): void {
  opened.dispatchEvent(Object.assign(new Event('message'), { data, source, origin }));
}

function open(id: string) {
  return { latentLeap: 1, type: 'open', id, input: new Uint8Array(8) };
}

it('takes a latent of its opener', () => {
  send({ ...open('a'), name: 'fox.npy', hints: { family: 'sd15' }, scale: 4 });
  expect(added).toMatchObject([{ name: 'fox.npy', hints: { family: 'sd15' }, scale: 4 }]);
  expect(told).toEqual([]);
});

it.each([
  ['another window', () => send(open('a'), {})],
  ['a opened without an origin', () => send(open('a'), opener, 'null')],
  ['something else than this protocol', () => send({ type: 'open', id: 'a' })],
])('does not answer %s', (_, act) => {
  act();
  expect({ added, told }).toEqual({ added: [], told: [] });
});

it('does not listen to another site in the window of its opener', () => {
  send(open('a'));
  send(open('b'), opener, 'https://stranger.example');
  expect(added).toHaveLength(1);
  expect(told).toEqual([]);
});

it.each([
  [{ ...open('a'), latentLeap: 2 }, 'unsupported'],
  [{ ...open('a'), type: 'close' }, 'bad-option'],
  [{ ...open('a'), input: 'text' }, 'bad-option'],
])('refuses %j as %s, to the origin that has sent it', (message, code) => {
  send(message);
  expect(added).toEqual([]);
  expect(told).toMatchObject([{ message: { latentLeap: 1, type: 'error', id: 'a', code }, origin: ORIGIN }]);
});

it('takes no more than can be waiting', () => {
  for (let i = 0; i < 17; i++) send(open(`${i}`));
  expect(added).toHaveLength(16);
  expect(told).toMatchObject([{ message: { type: 'error', id: '16', code: 'too-large' } }]);
});

it('says that an entry was removed, and sends what comes of it after Undo', () => {
  const show = (...items: Item[]) => {
    page.items = items;
    page.dispatchEvent(new Event('change'));
  };
  send(open('a'));
  const item = createItem('a', added[0]!.input, {}, 2);
  show(item);
  show();
  show(item);
  show(item);
  item.reading = false;
  item.error = new LeapError('no-model', 'None.');
  show(item);
  show();
  expect(told.map(({ message }) => message.code)).toEqual(['cancelled', 'no-model']);
});
