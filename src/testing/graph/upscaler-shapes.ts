import { addConv, addLinear, addSwinGroups, addVectors, type Shapes } from './network-shapes';

/** Names and shapes of other people's latent upscalers; widths as published, so that random weights cost as theirs. */

/** @param blocks residual blocks on each side of the enlargement */
export function nnLatentUpscaleShapes({ width = 128, blocks = 10, embedding = 32 } = {}): Shapes {
  const shapes: Shapes = {};
  addConv(shapes, 'conv_in', width, 4, 3);
  addLinear(shapes, 'embed.0', embedding, 1);
  addLinear(shapes, 'embed.2', embedding, embedding);
  for (const list of ['in_blocks', 'out_blocks']) {
    let index = 0;
    for (let i = 0; i < blocks; i++) {
      if (i === 1 || i === blocks - 1) addAttention(shapes, `${list}.${index++}`, width);
      const key = `${list}.${index++}`;
      addVectors(shapes, `${key}.in_layers.0`, width);
      addConv(shapes, `${key}.in_layers.2`, width, width, 3);
      addLinear(shapes, `${key}.emb_layers.1`, width, embedding);
      addVectors(shapes, `${key}.out_layers.0`, width);
      addConv(shapes, `${key}.out_layers.3`, width, width, 3);
    }
  }
  addVectors(shapes, 'norm_out', width);
  addConv(shapes, 'conv_out', 4, width, 3);
  return shapes;
}

function addAttention(shapes: Shapes, key: string, width: number): void {
  addVectors(shapes, `${key}.norm`, width);
  for (const layer of ['q', 'k', 'v', 'proj_out']) addConv(shapes, `${key}.${layer}`, width, width, 1);
}

export function sdLatentUpscalerShapes({ width = 64 } = {}): Shapes {
  const shapes: Shapes = {};
  addConv(shapes, 'sequential.0', width, 4, 3);
  for (let i = 4; i < 36; i += 2) addConv(shapes, `sequential.${i}`, width, width, 3);
  addConv(shapes, 'sequential.36', 4, width, 3);
  return shapes;
}

export function lsrShapes({
  width = 60,
  depths = [6, 6, 6, 6],
  heads = 6,
  features = 64,
  hidden = 256,
} = {}): Shapes {
  const encoder: Shapes = {};
  addConv(encoder, 'conv_first', width, 4, 3);
  addVectors(encoder, 'patch_embed.norm', width);
  addSwinGroups(encoder, { width, depths, heads: depths.map(() => heads), window_size: 8, mlp_ratio: 2 });
  addVectors(encoder, 'norm', width);
  addConv(encoder, 'conv_after_body', width, width, 3);
  addConv(encoder, 'conv_before_upsample.0', features, width, 3);
  const shapes: Shapes = {};
  for (const [name, shape] of Object.entries(encoder)) shapes[`encoder.${name}`] = shape;
  addLinear(shapes, 'imnet.layers.0', hidden, 9 * features + 4);
  for (const layer of [2, 4, 6]) addLinear(shapes, `imnet.layers.${layer}`, hidden, hidden);
  addLinear(shapes, 'imnet.layers.8', 4, hidden);
  return shapes;
}
