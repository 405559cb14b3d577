import { type KlLayout, type KlPart, listKlLayers, listKlLayouts } from '../kl/kl-layout';
import { WeightsTable } from '../onnx/weights-table';
import type { WeightsFile } from '../types';
import { type FoundModel, refuse, takeOnly } from './recognised-model';

/** A latent position is 8 pixels in every family. */
const RESAMPLINGS = 3;
const GROUPS = 32;

/** The decoder or the encoder of a full autoencoder, if the file has it. */
export function recogniseKl(file: WeightsFile, part: KlPart): FoundModel | undefined {
  const layouts = listKlLayouts(new WeightsTable([file]), part);
  const layout = takeOnly(layouts, `full ${part}s`);
  if (!layout) return undefined;
  return describePart(layout, part);
}

function describePart(layout: KlLayout, part: KlPart): FoundModel {
  const { table, prefix, hasBatchNorm } = layout;
  const outer = (part === 'decoder' ? layout.convIn : layout.convOut) as string;
  const [outputs = 0, inputs = 0, ...kernel] = table.has(`${outer}.weight`)
    ? table.get(`${outer}.weight`).shape
    : [];
  refuseOthers(layout, part, kernel);
  const channels = part === 'decoder' ? inputs : outputs / 2;
  if (channels === 32 && !hasBatchNorm) {
    throw refuse(`holds a full ${part} for 32 channels without FLUX.2's batch norm (bn.running_mean)`);
  }
  const quant = part === 'decoder' ? 'post_quant_conv.' : 'quant_conv.';
  const wanted = [`${part}.`, quant, 'bn.running_'];
  return {
    channels,
    // FLUX.2's weights carry the way to model space.
    space: hasBatchNorm ? 'model' : 'decoder',
    keep: wanted
      .filter((key) => table.names.some((name) => name.startsWith(key)))
      .map((key) => `${prefix}${key}`),
  };
}

/** Autoencoders that are like ours at first sight. */
function refuseOthers(layout: KlLayout, part: KlPart, kernel: number[]): void {
  const { table, levels, midResnets } = layout;
  if (kernel.length !== 2)
    throw refuse(`holds an autoencoder whose ${part} has no 2-D convolutions (videos?)`);
  if (table.names.some((name) => name.startsWith('quantize.'))) {
    throw refuse('holds an autoencoder with a codebook (VQ), not AutoencoderKL');
  }
  // Anything more would be left out unseen.
  const known = new Set(listKlLayers(layout).flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
  const odd = table.names.find((name) => name.startsWith(`${part}.`) && !known.has(name));
  if (odd !== undefined) throw refuse(`holds a full ${part} with a layer that is not known here: ${odd}`);
  const resamplings = levels.filter(({ resample }) => resample).length;
  if (resamplings !== RESAMPLINGS) {
    const stride = 2 ** resamplings;
    throw refuse(`holds a full ${part} of ${stride} pixels per latent position; all families here have 8`);
  }
  const [width = 0] = table.get(`${midResnets[0]}.norm1.weight`).shape;
  if (width % GROUPS !== 0) throw refuse(`holds a full ${part} of a width (${width}) without 32 groups`);
}
