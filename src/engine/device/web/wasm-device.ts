import { explainOrtError } from '../explain-error';
import { HostGrids } from '../host/host-grids';
import { wrapHostSession } from '../host/host-session';
import type { Device } from '../runtime';
import type { SerialQueue } from '../serial-queue';
import { type OrtModule, threadCount } from './load-ort';
import { machineMemory } from './machine-memory';

/** A wasm module addresses 4 GiB; a tensor of a quarter of that leaves room for its neighbours. */
const MAX_TENSOR_BYTES = 2 ** 30;
const ADDRESSABLE_BYTES = 2 ** 32;

export function openWasmDevice(ort: OrtModule, queue: SerialQueue): Device {
  const threads = threadCount();
  return {
    backend: 'wasm',
    adapter: `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    fp16: false,
    maxTensorBytes: MAX_TENSOR_BYTES,
    memoryBytes: Math.min(ADDRESSABLE_BYTES, machineMemory()),
    grids: new HostGrids(),
    async createSession(graph, weights) {
      const session = await queue
        .run(() =>
          ort.InferenceSession.create(graph.model, {
            executionProviders: ['wasm'],
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
