import { availableParallelism, cpus } from 'node:os';
import { LeapError } from '../../../errors';
import type { Backend } from '../../types';
import { HostGrids } from '../host/host-grids';
import { wrapHostSession } from '../host/host-session';
import type { Device, Runtime } from '../runtime';
import { explainOrtError } from '../runtime-errors';
import { SerialQueue } from '../serial-queue';
import { memoryLimit } from './memory-limit';

type Ort = typeof import('onnxruntime-node');

/** The buffer size that WebGPU guarantees. onnxruntime-node does not show the limit of its adapter. */
const WEBGPU_TENSOR_BYTES = 128 * 2 ** 20;

export interface NodeRuntimeOptions {
  /** Threads of the cpu backend; default: all cores. */
  threads?: number;
  /** Offer WebGPU before the processor. */
  webgpu?: boolean;
}

/** onnxruntime-node: the processor, or WebGPU through Dawn where the platform has it. */
export function openNodeRuntime({
  threads = availableParallelism(),
  webgpu = false,
}: NodeRuntimeOptions = {}): Runtime {
  const backends: Backend[] = webgpu ? ['webgpu', 'cpu'] : ['cpu'];
  return { backends, openDevice: async (backend) => openDevice(await loadNodeRuntime(), backend, threads) };
}

/** It is loaded when something is computed: only those who compute here install it. */
export function loadNodeRuntime(): Promise<Ort> {
  return import('onnxruntime-node');
}

function openDevice(ort: Ort, backend: Backend, threads: number): Device {
  if (backend === 'wasm')
    throw new LeapError('no-backend', 'The wasm backend belongs to the browser; use cpu.');
  if (!ort.listSupportedBackends().some(({ name }) => name === backend)) {
    throw new LeapError('no-backend', `This build of onnxruntime-node has no ${backend} backend.`);
  }
  const queue = new SerialQueue();
  const gpu = backend === 'webgpu';
  return {
    backend,
    adapter: gpu ? 'onnxruntime-node WebGPU' : `${cpus()[0]?.model.trim() || 'CPU'}, ${threads} threads`,
    fp16: gpu,
    maxTensorBytes: gpu ? WEBGPU_TENSOR_BYTES : Number.POSITIVE_INFINITY,
    memoryBytes: memoryLimit(),
    grids: new HostGrids(),
    async createSession(graph, weights) {
      const session = await queue
        .run(() =>
          ort.InferenceSession.create(graph.model, {
            executionProviders: [gpu ? { name: 'webgpu', storageBufferCacheMode: 'simple' } : 'cpu'],
            externalData: graph.weightPaths.map((path) => ({ path, data: weights.get(path)! })),
            intraOpNumThreads: threads,
            // Spinning threads make runs many times slower on a busy machine, and hardly faster on an idle one.
            extra: { session: { intra_op: { allow_spinning: '0' } } },
            // Levels: 0 verbose, 1 info, 2 warning, 3 error.
            logSeverityLevel: 3,
          }),
        )
        .catch(explainOrtError);
      return wrapHostSession(ort, session, graph, queue);
    },
    checkHealth: () => {},
    close: async () => {},
  };
}
