import { ONNX, type OnnxMessage } from '../onnx/onnx-message';

/** The tensors of a graph that are given, by name: initializers, and what its `Constant` nodes hold, which some exporters write. */
export function readConstants(graph: OnnxMessage): Map<string, OnnxMessage> {
  const constants = new Map(
    graph.messages(ONNX.graph.initializer).map((tensor) => [tensor.text(ONNX.tensor.name), tensor]),
  );
  for (const node of graph.messages(ONNX.graph.node)) {
    if (node.text(ONNX.node.opType) !== 'Constant') continue;
    const [value] = node.messages(ONNX.node.attribute).flatMap((a) => a.messages(ONNX.attribute.tensor));
    if (value) constants.set(node.text(ONNX.node.output), value);
  }
  return constants;
}
