import { readLeapDecoderConfig, readLeapEncoderConfig } from '../leap/leap-config';
import type { WeightsFile } from '../types';
import type { FoundModel } from './recognised-model';

/** Recognises our own decoder or encoder. */
export function recogniseLeap(file: WeightsFile, part: 'decoder' | 'encoder'): FoundModel | undefined {
  const { entries } = file.header;
  if (!entries.has('stages.0.blocks.0.conv0.weight')) return undefined;
  if (entries.has('up.0.weight') !== (part === 'decoder')) return undefined;
  const read = part === 'decoder' ? readLeapDecoderConfig : readLeapEncoderConfig;
  const between = part === 'decoder' ? 'up.' : 'down.';
  return {
    channels: read([file]).channels,
    space: 'model',
    keep: ['tone.', 'conv_in.', 'stages.', between, 'conv_out.'],
  };
}
