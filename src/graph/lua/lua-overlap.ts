import type { Overlap } from '../overlap';
import type { WeightsFile } from '../types';
import { readLuaConfig } from './lua-config';

/**
 * LUA's windows shift from block to block, so every output depends a little on far-away inputs: no halo is
 * exact. One window is thrown away at inner borders and one is blended: within 1/255 of the untiled picture.
 */
export function luaOverlap(files: WeightsFile[]): Overlap {
  const { window_size: window } = readLuaConfig(files);
  return { halo: window, fade: window, align: window };
}
