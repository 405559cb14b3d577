import type { HostOrt } from './host-ort';
import type { OrtModule } from './load-ort';

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
