import { digestOf } from '../testing/digest-of';
import 'fake-indexeddb/auto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { checkpoint } from '../testing/engine/checkpoint-engine';
import { rejectionOf } from '../testing/error-of';
import { sdLatentUpscalerShapes } from '../testing/graph/upscaler-shapes';
import {
  COMMIT,
  FILE,
  makeVae,
  REPO,
  readBack,
  vaeFile,
  worstError,
} from '../testing/weights/hub-checkpoint';
import { content, dropped, hub, idb, load, open, statusOf, storedKeys } from '../testing/weights/managed-hub';
import { TENSORS, VAE, WANTED } from '../testing/weights/vae-hub';
import { createMemoryStore } from './store/memory-store';

describe('a model that is added', () => {
  test('from a file: its decoder is kept, as halves, for this visit and the next', async () => {
    const weights = await open();
    const status = await weights.add(dropped(VAE), { family: 'sd15' });
    const { id } = status;
    expect(id).toMatch(/^custom-decoder-[0-9a-f]{8}-sd15$/);
    expect(status).toMatchObject({
      kind: 'decoder',
      architecture: 'kl-decoder',
      family: 'sd15',
      space: 'decoder',
      label: 'my vae.safetensors',
      custom: true,
      pinned: true,
      complete: true,
    });
    const again = await open();
    expect(await statusOf(again, id)).toEqual(status);
    const bytes = await load(again, id);
    expect([...readBack(bytes).keys()].toSorted()).toEqual(WANTED.map(({ name }) => name).toSorted());
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(2 ** -11);
    expect(id).toBe(`custom-decoder-${digestOf(bytes).slice(0, 8)}-sd15`);

    await again.remove(id);
    expect(await statusOf(await open(), id)).toBeUndefined();
    expect(await storedKeys(idb())).toEqual([]);
  });

  test('from a file: its encoder where that is wanted, and the original layout too', async () => {
    const original = makeVae({ original: true });
    const weights = await open();
    const { id } = await weights.add(dropped(vaeFile(original)), {
      family: 'sdxl',
      kind: 'encoder',
      label: 'mine',
    });
    expect(await statusOf(weights, id)).toMatchObject({ architecture: 'kl-encoder', label: 'mine' });
    const wanted = original.filter(({ name }) => /^(encoder|quant_conv)\./.test(name));
    expect(worstError(await load(weights, id), wanted)).toBeLessThanOrEqual(2 ** -11);
  });

  test('from an address: by Range, from the commit that its branch stands at', async () => {
    const weights = await open();
    const page = `${hub.origin}/${REPO}/blob/main/${FILE}`;
    const status = await weights.add(page, { family: 'sdxl' });
    expect(status).toMatchObject({
      label: 'model.safetensors',
      page: `${hub.origin}/${REPO}`,
      source: `${hub.origin}/${REPO}/resolve/${COMMIT}/${FILE}`,
    });
    expect(worstError(await load(weights, status.id), WANTED)).toBeLessThanOrEqual(2 ** -11);
    expect(hub.requests(content).every(({ range }) => range)).toBe(true);
  });

  test('is the same when it is added twice, under the id of an earlier version too', async () => {
    const store = createMemoryStore();
    const { id } = await (await open(store)).add(dropped(VAE), { family: 'sdxl' });
    // Earlier versions left the family out.
    const earlier = id.replace('-sdxl', '');
    for (const note of ['added', 'pin']) {
      const text = new TextDecoder().decode(await store.get(`${note}-${id}`));
      await store.delete(`${note}-${id}`);
      await store.set(`${note}-${earlier}`, new TextEncoder().encode(text.replace(id, earlier)));
    }
    const weights = await open(store);
    expect(worstError(await load(weights, earlier), WANTED)).toBeLessThanOrEqual(2 ** -11);
    await weights.add(dropped(VAE, 'again'), { family: 'sdxl' });
    const custom = (await weights.status()).filter((model) => model.custom);
    expect(custom).toMatchObject([{ id: earlier, family: 'sdxl', label: 'again', pinned: true }]);
  });

  test('is there for each family that it was added for, of one stored copy', async () => {
    const weights = await open();
    const one = await weights.add(dropped(VAE), { family: 'sd15' });
    const other = await weights.add(dropped(VAE), { family: 'sdxl' });
    const custom = async () => (await weights.status()).filter((model) => model.custom);
    expect((await custom()).map(({ id, family }) => [id, family])).toEqual([
      [one.id, 'sd15'],
      [other.id, 'sdxl'],
    ]);
    expect((await storedKeys(idb())).filter((key) => /^[0-9a-f]{64}$/.test(key))).toHaveLength(1);
    // What was let go of is not deleted along with the other.
    await weights.pin(other.id, false);
    await weights.remove(one.id);
    expect(await custom()).toMatchObject([{ id: other.id, complete: true }]);
    await weights.remove(other.id);
    expect(await storedKeys(idb())).toEqual([]);
  });

  test('stays when the store cannot be listed while another tab clears its cache', async () => {
    const store = createMemoryStore();
    let failures = 0;
    const sizes = () => {
      if (failures-- > 0) return Promise.reject(new DOMException('disk error', 'UnknownError'));
      return store.sizes();
    };
    // It is open before the model is added, so only a look at the store could tell of it.
    const tab = await open({ ...store, sizes });
    const { id } = await (await open(store)).add(dropped(VAE), { family: 'sdxl' });
    failures = 1;
    await tab.clearCache();
    expect(failures).toBe(0);
    expect(worstError(await load(await open(store), id), WANTED)).toBeLessThanOrEqual(2 ** -11);
  });

  test.each([
    ['a page', () => new TextEncoder().encode('<!doctype html><script>alert(1)</script>'), 'unknown-format'],
    ['nothing', () => new Uint8Array(), 'damaged-file'],
    ['half a file', () => VAE.subarray(0, VAE.length / 2), 'damaged-file'],
    ['a LoRA', () => vaeFile([{ ...TENSORS[0]!, name: 'unet.lora_down.weight' }]), 'unsupported'],
    ['a zip of something else', () => new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), 'unknown-format'],
  ])('is refused when it is %s, and nothing is stored', async (_, make, code) => {
    const error = await rejectionOf((await open()).add(dropped(make()), { family: 'sdxl' }));
    expect(error.code).toBe(code);
    expect(await storedKeys(idb())).toEqual([]);
  });

  test.each([
    [
      'one of its tensors',
      () => TENSORS.filter(({ name }) => name !== 'decoder.conv_in.bias'),
      'conv_in.bias',
    ],
    [
      'the shape of one of them',
      () => TENSORS.map((one) => (one.name === 'decoder.conv_out.bias' ? { ...one, shape: [3, 1] } : one)),
      'conv_out.bias',
    ],
  ])('is refused before it is read when %s is wrong', async (_, make, says) => {
    const weights = await open();
    const progress: unknown[] = [];
    const broken = dropped(vaeFile(make()));
    const error = await rejectionOf(
      weights.add(broken, { family: 'sdxl' }, { onProgress: (now) => progress.push(now) }),
    );
    expect([error.code, error.message]).toEqual(['bad-weights', expect.stringContaining(says)]);
    expect(progress).toEqual([]);
    expect(await storedKeys(idb())).toEqual([]);
  });

  test('has the factor that its file does not tell from the person, or from its name', async () => {
    const weights = await open();
    const file = (name: string) => dropped(checkpoint(sdLatentUpscalerShapes({ width: 8 })), name);
    const asked = await rejectionOf(weights.add(file('upscaler.safetensors'), { family: 'sdxl' }));
    expect(asked).toMatchObject({ code: 'bad-option', detail: { scales: [1.25, 1.5, 2] } });
    const told = await weights.add(file('upscaler.safetensors'), { family: 'sdxl', scale: 1.25 });
    expect(told).toMatchObject({ kind: 'lua', architecture: 'sd-latent-upscaler', scales: [1.25] });
    const named = await weights.add(file('latent-upscaler-v2.1_SDv1-x1.5.safetensors'), { family: 'sd15' });
    expect(named.scales).toEqual([1.5]);
  });

  test('is refused for a family with other channels, naming those that fit', async () => {
    const error = await rejectionOf((await open()).add(dropped(VAE), { family: 'flux1' }));
    expect([error.code, error.detail.families]).toEqual(['bad-option', ['sd15', 'sdxl']]);
  });

  test('is refused for a kind that its file does not hold, in the words for kinds', async () => {
    const adding = (await open()).add(dropped(VAE), { family: 'sdxl', kind: 'lua' });
    expect(await rejectionOf(adding)).toMatchObject({
      code: 'unsupported',
      message: 'This file holds a decoder and an encoder, but not a latent upscaler.',
    });
  });

  test('is refused from a host that is not on the list', async () => {
    const error = await rejectionOf(
      (await open()).add('https://example.net/a.safetensors', { family: 'sdxl' }),
    );
    expect(error.code).toBe('forbidden-address');
  });

  test('executes nothing of a pickle', async () => {
    const code = new Uint8Array(await readFile(new URL('../formats/__fixtures__/code.pt', import.meta.url)));
    const error = await rejectionOf((await open()).add(dropped(code, 'model.pth'), { family: 'sdxl' }));
    // The code in it is passed over, and what is left is a latent.
    expect([error.code, error.message]).toEqual([
      'unsupported',
      expect.stringContaining('holds no network of a known kind'),
    ]);
  });
});
