import type { SafetensorsHeader } from '../formats/types';
import type { ModelKind } from '../model-kinds';

export type Precision = 'fp16' | 'fp32';

export type { ModelKind };

/** A weights file as the graph builders see it: its name in the ONNX external data, and its header. */
export interface WeightsFile {
  path: string;
  header: SafetensorsHeader;
}

/** An ONNX model with its external weights named, and what is known about its cost. */
export interface BuiltGraph {
  /** Serialised ONNX ModelProto; initialisers point into `weightPaths` as external data. */
  model: Uint8Array;
  input: { name: string; shape: [number, number, number, number] };
  output: { name: string; shape: [number, number, number, number] };
  weightPaths: string[];
  /** Tensors of the weights files that the graph uses, by their full names. */
  weightNames: string[];
  /** Multiply-adds of one run. */
  multiplyAdds: number;
  /** Operations that remain after constant folding (a reshape costs nothing), before the runtime fuses any. */
  dispatches: number;
  /** Bytes that these operations read and write. */
  bytesMoved: number;
  /** The largest tensor between two operations: a lower bound for the buffer size that a GPU must allow. */
  largestTensorBytes: number;
  /** Tensors alive at the worst moment, weights and constants not counted. */
  peakBytes: number;
  /** What the runtime works out when it makes the session, and keeps: masks and biases, as far as larger than their weights. */
  constantBytes: number;
  /** The graph's inputs and outputs are always float32, whatever the precision inside. */
  precision: Precision;
}

/**
 * A part of a network whose layers at the latent's end need the statistics of the whole picture, or see far: run
 * `latent` on the whole of it and `pixels` in tiles. For FLUX.2's tiny autoencoder the result is exact. Between the two go features
 * [1, C, h, w] (fp32) at the latent's resolution: 64 channels in FLUX.2's tiny autoencoder, the latent itself in our
 * own decoder and encoder. A decoder's input is the latent, an encoder's is pixels.
 */
export type NetworkPart = 'whole' | 'latent' | 'pixels';

/** What the builders of decoders and encoders are told. */
export interface AutoencoderOptions {
  weights: WeightsFile[];
  /** Decoders: latent positions. Encoders: pixels, multiples of 8. */
  height: number;
  width: number;
  precision: Precision;
}

/** What the builders of latent upscalers are told. */
export interface UpscalerOptions {
  weights: WeightsFile[];
  scale: number;
  /** Latent positions. */
  height: number;
  width: number;
  precision: Precision;
}

/** How a LUA makes the latent from what its head gives. */
export interface LuaEnds {
  skip: 'none' | 'bicubic';
  residual_bound: number | null;
}

/** The SwinIR multi-head configuration. */
export interface LuaConfig extends LuaEnds {
  in_chans: number;
  embed_dim: number;
  depths: number[];
  num_heads: number[];
  window_size: number;
  mlp_ratio: number;
  head_width: number;
  scales: number[];
  upsampler: 'multihead' | 'pixelshuffle' | 'pixelshuffledirect';
  /** Residual blocks after each pixel-shuffle. */
  refine: number;
}

/** The configuration of our own LUA. */
export interface LeapLuaConfig extends LuaEnds {
  layout: 'leap';
  in_chans: number;
  /** Residual blocks before the Swin groups, after the first pixel-shuffle, and in each head. */
  stem: number;
  middle: number;
  tail: number;
  /** Blocks and attention heads of each Swin group. */
  depths: number[];
  heads: number[];
  window_size: number;
  scales: number[];
  clamp: number;
  /** As a decoder's. */
  toned: boolean;
}

export interface LeapDecoderConfig {
  kind: 'decoder';
  channels: number;
  widths: number[];
  blocks: number[];
  clamp: number;
  /** It puts in statistics of the whole latent, and so must see it at once before it is tiled. */
  toned: boolean;
}

export interface LeapEncoderConfig {
  kind: 'encoder';
  channels: number;
  widths: number[];
  blocks: number[];
  /** It puts in statistics of the whole latent, at its end. */
  toned: boolean;
}
