import type { ComfyGraphs } from './comfy-graphs';
import type { FamilyId } from './families';

export type { FamilyId };

/** Model space: what the denoiser sees, about unit variance. Decoder space: what the full VAE's decoder takes. */
export type Space = 'model' | 'decoder';

/**
 * How a tensor is laid out in its file.
 * - `unpacked`: [C,H,W], [B,C,H,W], [C,1,H,W] or [B,C,1,H,W]
 * - `packed`: [N,4C] or [B,N,4C], tokens of 2x2 positions in rows (diffusers' FLUX pipelines)
 * - `patchified`: [4C,H/2,W/2] or [B,4C,H/2,W/2] (FLUX.2 in ComfyUI)
 */
export type Layout = 'unpacked' | 'packed' | 'patchified';

/** One way to read a file, and the hints that ask for it. */
export interface Candidate {
  label: string;
  hints: ReadHints;
}

/**
 * A guess of this confidence or more is stated without a word; below, the command line and the page say how sure it is,
 * why, and what else it could be.
 */
export const SURE = 0.9;

/** One decision that was made about a file, with the reason in words and what else it could have been. */
export interface Guess {
  what: 'family' | 'space' | 'layout' | 'size' | 'tensor';
  value: string;
  /** 0..1; 1 when the file or the caller says so. */
  confidence: number;
  reason: string;
  /** The caller said so. It is doubted all the same where its confidence is below 1. */
  chosen?: true;
  alternatives: string[];
  /** The alternatives with the hints that choose them, where the caller can choose. */
  choices?: Candidate[];
}

/** Where a latent came from, and everything that was decided on the way. Structured-cloneable. */
export interface Provenance {
  /** File name, or a description of the source. */
  name: string;
  container: string;
  /** The program that wrote it, as far as known: 'ComfyUI', 'diffusers', 'sd-scripts', ... */
  writer: string;
  tensor: string;
  /** Shape in the file. */
  shape: number[];
  dtype: string;
  /** Space in the file; `Latent.data` is model space always. */
  space: Space;
  /** Factor by which raw values were multiplied before anything else (ComfyUI's old .latent: 1/0.18215). */
  preScale: number;
  /**
   * The item's number in its batch, counted from 0, and how many items the file holds. Where the file says which items
   * of an earlier batch it holds (ComfyUI's `batch_index`), it is the number in that one.
   */
  item: number;
  items: number;
  guesses: Guess[];
  /** The value that all have, as they are stored: there is no picture in such a latent. */
  uniform?: number;
  /** What else the file holds and does not change the picture, in sentences for people. */
  remarks?: string[];
  /** Size in pixels of the picture it was encoded from (times the scale, once it has been upscaled). */
  picture?: { width: number; height: number };
  /** From ComfyUI, and kept in what is saved. */
  graphs?: ComfyGraphs;
  /** Steps since: 'lua x2', 'bicubic x4', 'encoded from a picture'. */
  history: string[];
}

/** A latent in model space, C order. */
export interface Latent {
  family: FamilyId;
  /** [C, H, W] in latent positions. */
  dims: [number, number, number];
  data: Float32Array;
  provenance: Provenance;
}

/** Running statistics of the batch norm in a FLUX.2 VAE file (`bn.running_mean`, `bn.running_var`): 128 each. */
export interface BatchNorm {
  mean: readonly number[];
  variance: readonly number[];
}

/** What the caller knows better than the file. */
export interface ReadHints {
  family?: FamilyId;
  space?: Space;
  layout?: Layout;
  /** Name of the tensor to read, where a file holds several. */
  tensor?: string;
  /** FLUX.2 in decoder space: the batch norm of a VAE that was trained further. Default: the published one. */
  batchNorm?: BatchNorm;
  /** Picture or latent size for packed latents, in LATENT positions. */
  width?: number;
  height?: number;
  /**
   * The only batch item to return, by its number as in {@link Provenance.item}, or the first one, whatever its number;
   * default: all.
   */
  item?: number | 'first';
  name?: string;
}
