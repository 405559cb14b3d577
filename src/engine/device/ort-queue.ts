import { type CallQueue, SerialQueue } from './serial-queue';

/** By the `env` of an onnxruntime, which a copy of the module (`{ ...ort }`) has too. */
const queues = new WeakMap<object, CallQueue>();
/** Stands for our own onnxruntime, of which there is one in a thread. */
const OWN = {};

/**
 * The queue for calls of an onnxruntime. All upscalers of a thread share it, as they share the one instance of its wasm
 * module, which hangs when two calls overlap.
 *
 * @param ort the host's; undefined for our own
 */
export function queueOf(ort: { readonly env: object } | undefined): CallQueue {
  const key = ort ? ort.env : OWN;
  const queue = queues.get(key) ?? new SerialQueue();
  queues.set(key, queue);
  return queue;
}
