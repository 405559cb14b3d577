import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-web';
import type { BuiltGraph } from '../../../graph/types';
import { wrongOutput } from '../output-shape';
import type { Dims, Session } from '../runtime';
import { explainOrtError } from '../runtime-errors';
import type { CallQueue } from '../serial-queue';
import type { HostGrid } from './host-grids';

/** A session whose input and output are arrays. */
export function wrapHostSession(
  ort: { Tensor: typeof Tensor },
  session: InferenceSession,
  graph: BuiltGraph,
  queue: CallQueue,
): Session {
  const { input, output } = graph;
  const data = new Float32Array(input.shape.reduce((a, b) => a * b, 1));
  const feeds = { [input.name]: new ort.Tensor('float32', data, input.shape) };
  return {
    input: { dims: dimsOf(input.shape), data } as HostGrid,
    async run(): Promise<HostGrid> {
      const results = await queue.run(() => session.run(feeds)).catch(explainOrtError);
      const result = results[output.name] as TypedTensor<'float32'>;
      if (`${result.dims}` !== `${output.shape}`) throw wrongOutput(graph, result.dims);
      return { dims: dimsOf(output.shape), data: result.data };
    },
    release: () => queue.run(() => session.release()),
  };
}

/** [1, C, H, W] without its batch. */
export function dimsOf(shape: readonly [number, number, number, number]): Dims {
  return [shape[1], shape[2], shape[3]];
}
