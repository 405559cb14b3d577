import { expect, test } from 'vitest';
import type { WeightsStore } from '../types';
import { createMemoryStore } from './memory-store';
import { ModelNotes } from './model-notes';

const RECORD = { digest: 'a'.repeat(64), bytes: 10, fileBytes: 20, usedAt: 1 };

test('notes of one are known to another, deleted ones too', async () => {
  const store = createMemoryStore();
  const [one, other] = [new ModelNotes(store), new ModelNotes(store)];
  await one.record('https://hub/a\nsafetensors\n\ndecoder.', RECORD);
  await one.pin('../../etc#passwd', true);
  await other.refresh();
  expect([...other.records.values()]).toEqual([RECORD]);
  expect([...other.pins]).toEqual(['../../etc#passwd']);
  // Keys are file names for the command line, and `#` parts them in the browser's store.
  for (const key of (await store.sizes()).keys()) expect(key).toMatch(/^(record|pin)-[\w.%-]+$/);
  await other.pin('../../etc#passwd', false);
  await one.refresh();
  expect(one.pins.size).toBe(0);
});

/** A store that answers nothing until it is released; sizes are those of the time when they were asked for. */
function makeSlowStore() {
  const store = createMemoryStore();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow: WeightsStore = {
    ...store,
    async sizes() {
      const sizes = await store.sizes();
      await held;
      return sizes;
    },
    async set(key, bytes) {
      await held;
      await store.set(key, bytes);
    },
  };
  return { slow, release: () => release() };
}

test.each(['before', 'after'])('what is noted is not forgotten when reading began %s it', async (order) => {
  const { slow, release } = makeSlowStore();
  const notes = new ModelNotes(slow);
  const note = () => Promise.all([notes.record('file', RECORD), notes.pin('model', true)]);
  const work = order === 'before' ? [notes.refresh(), note()] : [note(), notes.refresh()];
  // Reading has its list by now, or would have it.
  await new Promise((resolve) => setTimeout(resolve, 10));
  release();
  await Promise.all(work);
  expect([notes.records.has('file'), notes.pins.has('model')]).toEqual([true, true]);
});

test('passes over notes that make no sense', async () => {
  const store = createMemoryStore();
  const put = (key: string, text: string) => store.set(key, new TextEncoder().encode(text));
  await put('record-1', '{"key":"x","digest":"../../x","bytes":1}');
  await put('record-2', 'not json');
  await put('added-3', '{"id":"custom-decoder-1","files":[{"path":"file:///etc/passwd"}]}');
  await put('pin-4', '[]');
  const notes = new ModelNotes(store);
  await notes.refresh();
  expect([notes.records.size, notes.added.size, notes.pins.size]).toEqual([0, 0, 0]);
});

test('lasts as long as the page where nothing can be stored', async () => {
  const store = createMemoryStore();
  await new ModelNotes(store).pin('old', true);
  const full = { ...store, set: () => Promise.reject(new Error('full')) };
  const notes = new ModelNotes(full);
  await notes.refresh();
  await notes.pin('new', true);
  await notes.refresh();
  expect([...notes.pins].toSorted()).toEqual(['new', 'old']);
  await notes.pin('old', false);
  await notes.refresh();
  expect([...notes.pins]).toEqual(['new']);
});
