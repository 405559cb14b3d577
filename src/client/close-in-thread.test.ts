import 'fake-indexeddb/auto';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { serveTestModels } from '../testing/engine/served-models';
import { makeLatent } from '../testing/engine/test-models';
import { createUpscaler } from './create-upscaler';
import type { CreateOptions } from './options/create-options';

it('opens nothing for a call that was only about to begin when the upscaler was closed', async () => {
  const { models, close } = await serveTestModels(['sdxl']);
  let created = 0;
  const counting = {
    ...ort,
    InferenceSession: {
      create: (...args: Parameters<typeof ort.InferenceSession.create>) => {
        created++;
        return ort.InferenceSession.create(...args);
      },
    },
  };
  const upscaler = await createUpscaler({
    models,
    ort: counting as unknown as NonNullable<CreateOptions['ort']>,
    thread: 'this',
  });
  const [lua] = (await upscaler.models()).filter(({ kind }) => kind === 'lua');
  const work = upscaler.upscale(makeLatent('sdxl', 4, 4), { scale: 2, lua: lua!.id, output: 'rgba' });
  const ended = expect(work).rejects.toMatchObject({ code: 'closed' });
  await upscaler.close();
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(created).toBe(0);
  close();
});
