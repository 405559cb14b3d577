import { HostGrids } from '../host/host-grids';
import { wrapHostSession } from '../host/host-session';
import type { Device } from '../runtime';
import { explainOrtError } from '../runtime-errors';
import type { CallQueue } from '../serial-queue';
import type { OrtModule } from './load-ort';
import { machineMemory } from './machine-memory';

/** A wasm module addresses 4 GiB; a tensor of a quarter of that leaves room for its neighbours. */
const MAX_TENSOR_BYTES = 2 ** 30;
const ADDRESSABLE_BYTES = 2 ** 32;

/** @param backend `wasm`, or `cpu` for an onnxruntime-node that a host gave */
export function openProcessorDevice(ort: OrtModule, queue: CallQueue, backend: 'wasm' | 'cpu'): Device {
  return {
    backend,
    get adapter() {
      return backend === 'cpu' ? 'onnxruntime-node' : describeThreads(ort);
    },
    fp16: false,
    maxTensorBytes: MAX_TENSOR_BYTES,
    memoryBytes: Math.min(ADDRESSABLE_BYTES, machineMemory()),
    grids: new HostGrids(),
    async createSession(graph, weights) {
      const session = await queue
        .run(() =>
          ort.InferenceSession.create(graph.model, {
            executionProviders: [backend],
            externalData: graph.weightPaths.map((path) => ({ path, data: weights.get(path)! })),
          }),
        )
        .catch(explainOrtError);
      return wrapHostSession(ort, session, graph, queue);
    },
    checkHealth: () => {},
    close: async () => {},
  };
}

/** onnxruntime corrects the number when it starts: no shared memory, no threads. */
function describeThreads({ env }: OrtModule): string {
  const threads = env.wasm.numThreads || 1;
  return `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}
