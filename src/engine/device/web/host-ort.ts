import type { OrtModule } from './load-ort';

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

/** The first release that takes weights beside a model, and a device for each session. */
const FIRST_GOOD = [1, 20];

/** Why this onnxruntime cannot be used; undefined when it can. Whether it computes well, the self-check finds out. */
export function findFault(ort: HostOrt): string | undefined {
  const { versions } = ort.env as Partial<OrtModule['env']>;
  const version = versions?.web ?? versions?.node ?? versions?.common;
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const [goodMajor, goodMinor] = FIRST_GOOD as [number, number];
  if (major > goodMajor || (major === goodMajor && minor >= goodMinor)) return undefined;
  return `onnxruntime ${version ?? 'of an unknown version'} is older than ${FIRST_GOOD.join('.')}`;
}

/** onnxruntime-node, which computes with what it calls `cpu`. */
export function isNodeOrt(ort: OrtModule): boolean {
  return 'listSupportedBackends' in ort && globalThis.process?.versions?.node !== undefined;
}
