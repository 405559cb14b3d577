import { makeLatentFile, type TestFile } from '../../e2e/support/page-test';

/** A file dropped on the built page, with what its address asks for. */
export interface PageCase {
  name: string;
  query: string;
  file: TestFile;
}

/** Until a picture is there. */
export const LIMIT_MS = 300_000;

export const WASM_CASE: PageCase = {
  name: 'wasm, FLUX.1 32x32 x2',
  query: '?backend=wasm',
  file: makeLatentFile('waves_flux1.safetensors', 16, 32),
};

export const SOFTWARE_GPU_CASE: PageCase = {
  name: 'WebGPU in software, SDXL 8x8 x2',
  query: '?backend=webgpu',
  file: makeLatentFile('waves_sdxl.safetensors', 4, 8),
};
