/**
 * WebGPU's types where the host's project has them, and some object where it does not: nobody needs @webgpu/types for
 * the sake of this library.
 */
export type HostDevice = typeof globalThis extends { GPUDevice: { prototype: infer T } } ? T : object;
export type HostBuffer = typeof globalThis extends { GPUBuffer: { prototype: infer T } } ? T : object;
export type HostTexture = typeof globalThis extends { GPUTexture: { prototype: infer T } } ? T : object;
