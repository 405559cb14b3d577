import wan from '../fitted/wan-channels.json' with { type: 'json' };
import type { FamilyId } from '../types';

/** A family of latents that is not read here, but must not be taken for one that is. */
export interface ForeignFamily {
  name: string;
  /** Channels that its unpacked latents can have. */
  channels: readonly number[];
  /** Sizes of its tokens [N,size] or [B,N,size], where its latents are kept so; they are not 2x2 patches. */
  tokens?: readonly number[];
  /**
   * How its values are distributed, where that is known. Those of a VAE like another family's, `of`, are distributed as
   * that one's in decoder space, and normalised by published numbers to the deviation `scale`. Others are white in model
   * space; the way to decoder space is one scale for all channels, or published.
   */
  statistics?: 'white' | ChannelStatistics | (ChannelStatistics & { of: FamilyId; scale: number });
}

interface ChannelStatistics {
  mean: readonly number[];
  deviation: readonly number[];
}

/** `latents_mean`, `latents_std` and `scaling_factor` of its VAE's configuration, as diffusers publishes them. */
const PLAYGROUND = {
  of: 'sdxl',
  scale: 0.5,
  mean: [-1.6574, 1.886, -1.383, 2.5155],
  deviation: [8.4927, 5.9022, 6.5498, 5.2299],
} as const;

/** Sources of the channels: the VAE configurations that diffusers publishes, ComfyUI `comfy/latent_formats.py`. */
const ROWS = {
  // Anima and Cosmos Predict2 share these latents, too.
  qwen: { name: 'Qwen-Image', channels: [16], statistics: wan },
  wan: { name: 'Wan', channels: [16, 48], statistics: wan },
  cosmos: { name: 'Cosmos', channels: [16] },
  anima: { name: 'Anima', channels: [16] },
  hunyuan: { name: 'Hunyuan', channels: [16, 32, 64], statistics: 'white' },
  cogvideo: { name: 'CogVideoX', channels: [16] },
  sana: { name: 'Sana', channels: [32], statistics: 'white' },
  ltx: { name: 'LTX', channels: [128], tokens: [128] },
  mochi: { name: 'Mochi', channels: [12] },
  cascade: { name: 'Stable Cascade', channels: [4, 16] },
  playground: { name: 'Playground 2.5', channels: [4], statistics: PLAYGROUND },
  // ACE-Step: [B,8,16,N], and later [B,N,64]. Stable Audio: [B,64,N].
  audio: { name: 'an audio model', channels: [8, 64], tokens: [64] },
} satisfies Record<string, ForeignFamily>;

export type ForeignId = keyof typeof ROWS;

export const FOREIGN_FAMILIES: Readonly<Record<ForeignId, ForeignFamily>> = ROWS;

export function isForeignId(id: string): id is ForeignId {
  return Object.hasOwn(FOREIGN_FAMILIES, id);
}

/** Those whose latents have this many channels. */
export function foreignWith(channels: number): ForeignId[] {
  return (Object.keys(FOREIGN_FAMILIES) as ForeignId[]).filter((id) =>
    FOREIGN_FAMILIES[id].channels.includes(channels),
  );
}

/** Those whose tokens are of that size. */
export function foreignWithTokens(size: number): ForeignId[] {
  return (Object.keys(FOREIGN_FAMILIES) as ForeignId[]).filter((id) =>
    FOREIGN_FAMILIES[id].tokens?.includes(size),
  );
}

/** Whether a tensor of that shape could be of the family, by the axis where its channels would be. */
export function fitsForeign(
  id: ForeignId,
  shape: readonly number[],
  ownChannels: readonly number[],
): boolean {
  const { channels, tokens } = FOREIGN_FAMILIES[id];
  // The first of three axes is the batch then, however many there are.
  const inRows = shape.length === 2 || shape.length === 3;
  if (tokens && inRows && tokens.includes(shape.at(-1)!)) return true;
  if (tokens && shape.length === 3 && channels.includes(shape[1]!)) return true;
  const [a = 0, b = 0, c = 0, d = 0] = shape;
  const packed = (size: number) => channels.includes(size / 4);
  switch (shape.length) {
    case 2:
      return packed(b);
    case 3:
      return (
        channels.includes(a) ||
        (!ownChannels.includes(a) && (packed(c) || channels.includes(b) || channels.includes(c)))
      );
    case 4:
      return channels.includes(b) || (b === 1 && (channels.includes(a) || packed(d)));
    case 5:
      return channels.includes(b);
    default:
      return false;
  }
}
