import type { InferenceSession } from 'onnxruntime-web';
import { LeapError } from '../../../errors';
import type { BuiltGraph } from '../../../graph/types';
import { dimsOf } from '../host/host-session';
import { readWrongOutput } from '../output-shape';
import type { Device, Session } from '../runtime';
import { explainOrtError } from '../runtime-errors';
import type { CallQueue } from '../serial-queue';
import { asGpu, GpuGrids } from './gpu-grids';
import type { OrtModule } from './load-ort';
import { machineMemory } from './machine-memory';

/**
 * A GPUDevice for the sessions and for our kernels.
 * @param shared the host's device; default: one of our own
 * @throws LeapError `no-backend`
 */
export async function openGpuDevice(ort: OrtModule, queue: CallQueue, shared?: GPUDevice): Promise<Device> {
  if (shared) return new GpuBackedDevice(ort, queue, shared, shared.adapterInfo, true);
  const { gpu, info } = await requestGpu();
  return new GpuBackedDevice(ort, queue, gpu, info, false);
}

class GpuBackedDevice implements Device {
  readonly backend = 'webgpu';
  readonly adapter: string;
  readonly software: boolean;
  readonly fp16: boolean;
  readonly maxTensorBytes: number;
  readonly memoryBytes = machineMemory();
  readonly grids: GpuGrids;
  readonly #ort: OrtModule;
  readonly #queue: CallQueue;
  readonly #gpu: GPUDevice;
  /** The device is the host's. */
  readonly #shared: boolean;
  readonly #stopListening: () => void;
  #fault: LeapError | undefined;
  /** Rejects when the device is lost, because a run in progress may then never return. */
  readonly #lost: Promise<never>;

  constructor(ort: OrtModule, queue: CallQueue, gpu: GPUDevice, info: GPUAdapterInfo, shared: boolean) {
    this.#ort = ort;
    this.#queue = queue;
    this.#gpu = gpu;
    this.#shared = shared;
    this.adapter = nameOf(info);
    // A host has chosen its device.
    this.software = !shared && info.isFallbackAdapter;
    this.fp16 = gpu.features.has('shader-f16');
    this.maxTensorBytes = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
    this.#lost = gpu.lost.then(({ reason, message }) => {
      this.#fault = new LeapError('device-lost', `The GPU device was lost: ${message || reason}`, { reason });
      throw this.#fault;
    });
    this.#lost.catch(() => {});
    const onError = ({ error }: GPUUncapturedErrorEvent) => {
      const full = error instanceof GPUOutOfMemoryError;
      // A host's mistakes on its own device are not ours.
      if (shared && !full) return;
      const code = full ? 'out-of-memory' : 'internal';
      this.#fault ??= new LeapError(code, `The GPU reported: ${error.message}`, { runtime: true });
    };
    gpu.addEventListener('uncapturederror', onError);
    this.#stopListening = () => gpu.removeEventListener('uncapturederror', onError);
    this.grids = new GpuGrids(gpu, this.#lost);
  }

  async createSession(graph: BuiltGraph, weights: ReadonlyMap<string, Uint8Array>): Promise<Session> {
    const create = () =>
      this.#ort.InferenceSession.create(graph.model, {
        // An object with the device: with the bare name the device would be onnxruntime's own.
        executionProviders: [{ name: 'webgpu', device: this.#gpu, storageBufferCacheMode: 'simple' }],
        externalData: graph.weightPaths.map((path) => ({ path, data: weights.get(path)! })),
        preferredOutputLocation: 'gpu-buffer',
      });
    const session = await this.#enqueue(create);
    try {
      this.checkHealth();
      return this.#wrap(session, graph);
    } catch (thrown) {
      await this.#releaseSession(session);
      throw thrown;
    }
  }

  /** Both ends are buffers of our own, so nothing is allocated or read back between runs. */
  #wrap(session: InferenceSession, graph: BuiltGraph): Session {
    const { input, output } = graph;
    const from = this.grids.zeros(dimsOf(input.shape));
    const to = this.grids.zeros(dimsOf(output.shape));
    const tensor = (buffer: GPUBuffer, dims: readonly number[]) =>
      this.#ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
    const feeds = { [input.name]: tensor(asGpu(from).buffer, input.shape) };
    const fetches = { [output.name]: tensor(asGpu(to).buffer, output.shape) };
    return {
      input: from,
      run: async () => {
        await this.#enqueue(() =>
          session.run(feeds, fetches).catch((thrown) => {
            throw readWrongOutput(graph, thrown) ?? thrown;
          }),
        );
        this.checkHealth();
        return to;
      },
      release: async () => {
        this.grids.free(from);
        this.grids.free(to);
        await this.#releaseSession(session);
      },
    };
  }

  /** On a lost device there is nothing to give back, and the call may never return. */
  async #releaseSession(session: InferenceSession): Promise<void> {
    if (this.#fault?.code !== 'device-lost') await this.#enqueue(() => session.release());
  }

  checkHealth(): void {
    if (this.#fault) throw this.#fault;
  }

  async close(): Promise<void> {
    if (this.#shared) this.#stopListening();
    else this.#gpu.destroy();
  }

  /** A call that the loss of the device leaves hanging must not hold the queue for the next device's calls. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue
      .run(() => Promise.race([work(), this.#lost]))
      .catch((thrown) => {
        this.checkHealth();
        return explainOrtError(thrown);
      });
  }
}

/** The adapter's own limits, not the defaults: those are the smallest that any GPU may have. */
async function requestGpu(): Promise<{ gpu: GPUDevice; info: GPUAdapterInfo }> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new LeapError('no-backend', 'The browser offers no WebGPU adapter.');
  const requiredLimits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const limit = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof limit === 'number') requiredLimits[name] = limit;
  }
  const wanted: GPUFeatureName[] = ['shader-f16', 'subgroups'];
  const requiredFeatures = wanted.filter((feature) => adapter.features.has(feature));
  try {
    const gpu = await adapter.requestDevice({ requiredLimits, requiredFeatures });
    return { gpu, info: adapter.info };
  } catch (cause) {
    throw new LeapError('no-backend', `The WebGPU adapter gave no device: ${cause}`, {}, { cause });
  }
}

function nameOf({ vendor, architecture, description, device }: GPUAdapterInfo): string {
  return description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed WebGPU adapter';
}
