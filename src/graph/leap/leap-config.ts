import { LeapError } from '../../errors';
import { readLeapMetadata, WeightsTable } from '../onnx/weights-table';
import type { LeapDecoderConfig, LeapEncoderConfig, WeightsFile } from '../types';

/** In the files of networks with a tone. */
export const TONE_KEY = 'tone.fc0.weight';

/** The soft clamp of networks whose files do not say: TAESD's. */
const DEFAULT_CLAMP = 3;

/**
 * The configuration of our decoder, from tensor shapes; the clamp from the metadata.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function readLeapDecoderConfig(files: WeightsFile[]): LeapDecoderConfig {
  const table = new WeightsTable(files);
  const clamp = readClamp(readLeapMetadata(table, 'decoder'));
  const channels = table.get('conv_in.weight').shape[1]!;
  const toned = table.has(TONE_KEY);
  return { kind: 'decoder', channels, clamp, toned, ...readStages(table) };
}

/**
 * The configuration of our encoder, from tensor shapes.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function readLeapEncoderConfig(files: WeightsFile[]): LeapEncoderConfig {
  const table = new WeightsTable(files);
  const channels = table.get('conv_out.weight').shape[0]!;
  return { kind: 'encoder', channels, toned: table.has(TONE_KEY), ...readStages(table) };
}

/** The soft clamp of the input. @throws LeapError `bad-weights` */
export function readClamp(metadata: Record<string, unknown> | undefined): number {
  const clamp = metadata?.clamp ?? DEFAULT_CLAMP;
  if (typeof clamp === 'number' && clamp > 0) return clamp;
  throw new LeapError('bad-weights', 'The clamp in the latent_leap metadata is not a positive number.', {
    clamp,
  });
}

/** Widths and block counts of the three resolutions. */
function readStages(table: WeightsTable): { widths: number[]; blocks: number[] } {
  const levels = [0, 1, 2].map((level) => `stages.${level}.blocks.`);
  return {
    widths: levels.map((level) => table.get(`${level}0.conv0.weight`).shape[0]!),
    blocks: levels.map((level) => table.count(level, '.conv0.weight')),
  };
}
