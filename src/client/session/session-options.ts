import type { Method, OutputCheck, Scale } from '../../engine/types';
import type { BatchNorm, FamilyId, Layout, Space } from '../../latent/types';
import type { CreateOptions } from '../options/create-options';
import { CREATE, type Names } from '../options/option-names';
import type { HostTensor, UpscaleOptions } from '../types';
import type { NumberType } from './make-tensor';

/** What a host calls of a session of its own. */
export interface HostSession {
  run(feeds: never, ...rest: never[]): Promise<unknown>;
  release?(): Promise<void>;
}

export interface DecoderSessionOptions
  extends Omit<CreateOptions, 'thread'>,
    Pick<UpscaleOptions, 'decoder' | 'lua' | 'passes' | 'tile'> {
  family: FamilyId;
  /** How many times larger the picture is; default 2. */
  scale?: Scale;
  /** Default `lua`. */
  method?: Method;
  /**
   * The space of `latent_sample`; default `decoder`, in which the decoders of all generators take it. Needed for packed
   * tokens, which come in either.
   */
  space?: Space;
  /** The layout of `latent_sample`; default: what its shape says. */
  layout?: Layout;
  /** Size of packed latents, in latent positions. */
  width?: number;
  height?: number;
  /** Gives that size anew at each `run`, where pictures of a generator differ in size. Instead of `width` and `height`. */
  size?: (latentSample: HostTensor) => { width: number; height: number };
  /** The batch norm of FLUX.2's VAE, in decoder space. */
  batchNorm?: BatchNorm;
  /** Type and place of `sample`; default: those of `latent_sample`. */
  output?: { type?: NumberType; location?: 'cpu' | 'gpu-buffer' };
  /** As of {@link UpscaleOptions.check}. */
  check?: OutputCheck;
  /**
   * Moves the values of a single `latent_sample` on the CPU to the worker instead of copying them: the host's array is
   * empty afterwards. Not with `fallback`, which would have nothing to decode. In this thread nothing is copied anyway.
   */
  transfer?: boolean;
  /**
   * The host's own decoder, which takes over when this one fails; that is told once, by `onNotice`. Fields that a host
   * has added to it are there on the new session too.
   */
  fallback?: HostSession;
}

const { thread: _, ...opening } = CREATE;

/** The options that are passed on to `createUpscaler`. */
export const OPENING = opening;

/** The options that are not passed on to `createUpscaler`. */
export const OF_SESSION: Names<Omit<DecoderSessionOptions, keyof CreateOptions>> = {
  family: true,
  scale: true,
  method: true,
  decoder: true,
  lua: true,
  passes: true,
  tile: true,
  space: true,
  layout: true,
  width: true,
  height: true,
  size: true,
  batchNorm: true,
  output: true,
  check: true,
  transfer: true,
  fallback: true,
};
