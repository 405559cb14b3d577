import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from 'vitest';
import { ONNX, OnnxMessage } from '../onnx/onnx-message';
import { type AttributeValue, ElementType, encodeModel } from '../onnx/onnx-proto';
import { findFactor } from './find-factor';
import { readConstants } from './graph-constants';

type Node = [type: string, inputs: string, output: string, attributes?: Record<string, AttributeValue>];

const SIZE_KEPT = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** The factor of a graph from `in` to `out`, whose constants are floats; `w` is the weight of a kernel of one pixel. */
function factorOf(nodes: Node[], constants: Record<string, number[]> = {}): number | undefined {
  const bytes = encodeModel({
    graphName: 'test',
    opsets: [],
    nodes: nodes.map(([opType, inputs, output, attributes = {}]) => ({
      ...{ name: output, output: [output], attributes },
      opType: opType.split(':').at(-1)!,
      ...(opType.includes(':') ? { domain: opType.split(':')[0]! } : {}),
      input: inputs.split(' '),
    })),
    initializers: Object.entries(constants).map(([name, values]) => ({
      ...{ name, type: ElementType.float32, shape: name === 'w' ? [1, 1, 1, 1] : [values.length] },
      data: new Uint8Array(Float32Array.from(values).buffer),
    })),
    inputs: [],
    outputs: [],
    metadata: {},
  });
  const [graph] = new OnnxMessage(bytes).messages(ONNX.model.graph);
  return findFactor(graph!, readConstants(graph!), 'in', 'out');
}

describe('findFactor', () => {
  test.each<[string, number | undefined, Node[]]>([
    ['a pixel-shuffle', 3, [['DepthToSpace', 'in', 'out', { blocksize: 3 }]]],
    [
      'a transposed convolution',
      4,
      [['ConvTranspose', 'in w', 'out', { kernel_shape: [4, 4], strides: [4, 4] }]],
    ],
    [
      // Real-ESRGAN x2: unshuffled by 2, then enlarged twice by 2.
      'an unshuffle before two enlargements',
      2,
      [
        ['SpaceToDepth', 'in', 'a', { blocksize: 2 }],
        ['Conv', 'a w', 'b', SIZE_KEPT],
        ['Resize', 'b  double', 'c'],
        ['Upsample', 'c double', 'out'],
      ],
    ],
    [
      'a sum with the input enlarged by itself, as Compact has it',
      2,
      [
        ['PRelu', 'in w', 'a'],
        ['DepthToSpace', 'a', 'b', { blocksize: 2 }],
        ['Resize', 'in  double', 'c'],
        ['Add', 'b c', 'out'],
      ],
    ],
    [
      'a weight for each channel of the whole picture',
      2,
      [
        ['GlobalAveragePool', 'in', 'a'],
        ['Conv', 'a w', 'b', { kernel_shape: [1, 1] }],
        ['Sigmoid', 'b', 'c'],
        ['Mul', 'in c', 'd'],
        ['DepthToSpace', 'd', 'out', { blocksize: 2 }],
      ],
    ],
    [
      'strides that halve',
      1,
      [
        ['Conv', 'in w', 'a', { ...SIZE_KEPT, strides: [2, 2] }],
        ['Resize', 'a  double', 'out'],
      ],
    ],
    ['a half', undefined, [['Conv', 'in w', 'out', { ...SIZE_KEPT, strides: [2, 2] }]]],
    [
      'two directions that differ',
      undefined,
      [['ConvTranspose', 'in w', 'out', { kernel_shape: [2, 4], strides: [2, 4] }]],
    ],
    ['an enlargement of channels', undefined, [['Resize', 'in  channels', 'out']]],
    [
      'sizes that do not go together',
      undefined,
      [
        ['Resize', 'in  double', 'a'],
        ['Add', 'in a', 'out'],
      ],
    ],
    [
      'a reshaping',
      undefined,
      [
        ['Reshape', 'in w', 'a'],
        ['DepthToSpace', 'a', 'out', { blocksize: 2 }],
      ],
    ],
    ['an enlargement to a computed size', undefined, [['Resize', 'in   sizes', 'out']]],
    ['an output that nothing makes', undefined, [['Relu', 'in', 'a']]],
    [
      'a convolution that pads as it must',
      1,
      [['Conv', 'in w', 'out', { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER' }]],
    ],
    [
      'a wide one with its padding',
      1,
      [['Conv', 'in w', 'out', { kernel_shape: [3, 3], dilations: [2, 2], pads: [2, 2, 2, 2] }]],
    ],
    ['one that takes the border away', undefined, [['Conv', 'in w', 'out', { kernel_shape: [3, 3] }]]],
    ['one whose kernel is not known', undefined, [['Conv', 'in v', 'out']]],
    ['one whose weights tell its kernel', 1, [['Conv', 'in w', 'out']]],
    [
      // waifu2x's upconv_7: the border that convolutions took away is not given back.
      'a transposed convolution that cuts the border',
      undefined,
      [['ConvTranspose', 'in w', 'out', { kernel_shape: [4, 4], strides: [2, 2], pads: [3, 3, 3, 3] }]],
    ],
    [
      'one as FSRCNN has it, with output padding',
      2,
      [
        [
          ...(['ConvTranspose', 'in w', 'out'] as const),
          { kernel_shape: [9, 9], strides: [2, 2], pads: [4, 4, 4, 4], output_padding: [1, 1] },
        ],
      ],
    ],
    [
      'the same without',
      undefined,
      [['ConvTranspose', 'in w', 'out', { kernel_shape: [9, 9], strides: [2, 2], pads: [4, 4, 4, 4] }]],
    ],
    [
      'one to a size',
      undefined,
      [['ConvTranspose', 'in w', 'out', { kernel_shape: [2, 2], strides: [2, 2], output_shape: [512, 512] }]],
    ],
    ['channels side by side', 1, [['Concat', 'in in', 'out', { axis: 1 }]]],
    ['pictures side by side', undefined, [['Concat', 'in in', 'out', { axis: 3 }]]],
    [
      'halves of the width',
      undefined,
      [
        ['Split', 'in', 'a', { axis: 3 }],
        ['DepthToSpace', 'a', 'out', { blocksize: 2 }],
      ],
    ],
    ['a block of nothing', undefined, [['DepthToSpace', 'in', 'out', { blocksize: 0 }]]],
    ['a block below nothing', undefined, [['DepthToSpace', 'in', 'out', { blocksize: -2 }]]],
    ['an operator of somebody’s own', undefined, [['own:Relu', 'in', 'out']]],
    ['an output without the input', undefined, [['Relu', 'w', 'out']]],
  ])('%s: %s', (_, factor, nodes) => {
    const constants = { w: [1, 1, 1, 1], double: [1, 1, 2, 2], channels: [1, 2, 2, 2] };
    expect(factorOf(nodes, constants)).toBe(factor);
  });
});

test('a constant may stand in a node', () => {
  const message = (...fields: [number, Uint8Array | number][]) => {
    const writer = new BinaryWriter();
    for (const [field, value] of fields) {
      if (typeof value === 'number') writer.tag(field, WireType.Varint).int64(value);
      else writer.tag(field, WireType.LengthDelimited).bytes(value);
    }
    return writer.finish();
  };
  const text = (value: string) => new TextEncoder().encode(value);
  const scales = new Uint8Array(Float32Array.of(1, 1, 2, 2).buffer);
  const { attribute, node, tensor } = ONNX;
  const value = message(
    [attribute.name, text('value')],
    [attribute.tensor, message([tensor.dims, 4], [tensor.rawData, scales])],
  );
  const constant = message(
    [node.opType, text('Constant')],
    [node.output, text('scales')],
    [node.attribute, value],
  );
  const resize = message(
    [node.opType, text('Resize')],
    [node.input, text('in')],
    [node.input, text('')],
    [node.input, text('scales')],
    [node.output, text('out')],
  );
  const graph = new OnnxMessage(message([ONNX.graph.node, constant], [ONNX.graph.node, resize]));
  const constants = readConstants(graph);
  expect(constants.get('scales')?.numbers(tensor.dims)).toEqual([4]);
  expect(findFactor(graph, constants, 'in', 'out')).toBe(2);
});
