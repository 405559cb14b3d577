import { type LoadedWeights, packWeights } from '../../graph/onnx/pack-weights';
import type { Shapes } from './network-shapes';
import { randomTensor } from './random-weights';

/** Layers whose outputs are seen only by a normalisation, or by other such layers. */
const INSIDE = /(conv_in|conv1|conv2|to_out\.0)\.(weight|bias)$/;

/**
 * A full autoencoder whose features between normalisations are `factor` times as large as usual. SDXL's are larger than
 * fp16 can hold, too. Its output is the same, apart from the epsilons.
 */
export function makeLoudWeights(shapes: Shapes, factor: number): LoadedWeights {
  return packWeights(
    Object.entries(shapes).map(([name, shape]) => {
      const values = randomTensor(name, shape).map((value) => value * (INSIDE.test(name) ? factor : 1));
      return { name, shape, dtype: 'F32', bytes: new Uint8Array(values.buffer) };
    }),
  );
}
