import { LeapError } from '../../errors';
import { readLeapMetadata, WeightsTable } from '../onnx/weights-table';
import type { LeapDecoderConfig, LeapEncoderConfig, WeightsFile } from '../types';

/** The soft clamp of decoders whose files do not say: TAESD's. */
const DEFAULT_CLAMP = 3;

/**
 * The configuration of our decoder, from tensor shapes; the clamp from the metadata.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function readLeapDecoderConfig(files: WeightsFile[]): LeapDecoderConfig {
  const table = new WeightsTable(files);
  const clamp = readLeapMetadata(table, 'decoder')?.clamp ?? DEFAULT_CLAMP;
  if (typeof clamp !== 'number' || !(clamp > 0)) {
    throw new LeapError('bad-weights', 'The clamp of the decoder is no positive number.', { clamp });
  }
  const channels = table.get('conv_in.weight').shape[1]!;
  const toned = table.has('tone.fc0.weight');
  return { kind: 'decoder', channels, clamp, toned, ...readStages(table) };
}

/**
 * The configuration of our encoder, from tensor shapes.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function readLeapEncoderConfig(files: WeightsFile[]): LeapEncoderConfig {
  const table = new WeightsTable(files);
  return { kind: 'encoder', channels: table.get('conv_out.weight').shape[0]!, ...readStages(table) };
}

/** Widths and block counts of the three resolutions. */
function readStages(table: WeightsTable): { widths: number[]; blocks: number[] } {
  const stages = [0, 1, 2].map((stage) => `stages.${stage}.blocks.`);
  return {
    widths: stages.map((stage) => table.get(`${stage}0.conv0.weight`).shape[0]!),
    blocks: stages.map((stage) => table.count(stage, '.conv0.weight')),
  };
}
