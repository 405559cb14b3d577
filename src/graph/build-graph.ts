import { LeapError } from '../errors';
import { buildKlDecoder, buildKlEncoder } from './kl/kl-autoencoder';
import { buildLeapDecoder, buildLeapEncoder } from './leap/leap-autoencoder';
import { buildLua } from './lua/lua';
import { readLuaConfig } from './lua/lua-config';
import { buildTaesdDecoder, buildTaesdEncoder, type TaesdOptions } from './taesd/taesd';
import type { Architecture, BuiltGraph } from './types';

export interface GraphOptions extends TaesdOptions {
  /** LUA: the factor. */
  scale?: number;
}

/**
 * The graph of any architecture, its configuration read from the weights.
 *
 * Input and output are always float32 [1, C, H, W], named `input` and `output`.
 */
export function buildGraph(architecture: Architecture, options: GraphOptions): BuiltGraph {
  switch (architecture) {
    case 'lua': {
      const { scale } = options;
      if (scale === undefined) throw new LeapError('bad-option', 'A LUA graph needs a scale.');
      return buildLua({ ...options, scale, config: readLuaConfig(options.weights) });
    }
    case 'leap-decoder':
      return buildLeapDecoder(options);
    case 'leap-encoder':
      return buildLeapEncoder(options);
    case 'taesd-decoder':
      return buildTaesdDecoder(options);
    case 'taesd-encoder':
      return buildTaesdEncoder(options);
    case 'kl-decoder':
      return buildKlDecoder(options);
    case 'kl-encoder':
      return buildKlEncoder(options);
  }
}
