import { openNodeRuntime } from '../../src/engine/device/node/open-node-runtime';
import { createEngine, type JobOptions } from '../../src/engine/index';
import type { Latent } from '../../src/latent/types';
import { type TestModels, testSource } from '../../src/testing/engine/test-models';
import { TestPicture } from '../../src/testing/engine/test-picture';

/** What the engine gives with onnxruntime on Node, without a browser: the enlarged latent and the picture's RGBA. */
export async function upscaleInNode(
  models: TestModels,
  latent: Latent,
  wish: JobOptions,
): Promise<{ latent: Float32Array; rgba: Uint8ClampedArray }> {
  const engine = await createEngine({
    runtime: openNodeRuntime({ threads: 1 }),
    weights: testSource(models),
    backend: 'cpu',
    precision: 'fp32',
  });
  let picture: TestPicture | undefined;
  const openPicture = (width: number, height: number) => {
    picture = new TestPicture(width, height);
    return picture;
  };
  const result = await engine.upscale(latent, { ...wish, openPicture });
  await engine.close();
  return { latent: result.latent.data, rgba: picture!.rgba };
}
