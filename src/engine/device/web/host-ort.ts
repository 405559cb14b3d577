/**
 * The part of an onnxruntime of the host's that is used: `import * as ort from 'onnxruntime-web/webgpu'`, say. Written
 * down loosely, so that the types of no version of it are needed.
 */
export interface HostOrt {
  readonly InferenceSession: { create(...args: never[]): Promise<unknown> };
  readonly Tensor: unknown;
  readonly env: object;
}

/** Runs the work while no other call of onnxruntime runs. */
export type RunExclusive = <T>(work: () => Promise<T>) => Promise<T>;
