export { buildBicubic } from './bicubic';
export { type Architecture, buildGraph, type GraphOptions } from './build-graph';
export { buildCheckGraph, CHECK, checkInput } from './check-graph';
export { decoderHalo } from './halo';
export { buildLeapDecoder, buildLeapEncoder } from './leap-autoencoder';
export { buildLua, type LuaOptions } from './lua';
export { readLuaConfig } from './lua-config';
export { type AutoencoderOptions, buildTaesdDecoder, buildTaesdEncoder } from './taesd';
export type * from './types';
