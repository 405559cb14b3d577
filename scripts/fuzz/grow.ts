import { gzipSync, zipSync } from 'fflate';
import { join } from './join';
import type { Random } from './random';

type Grow = (random: Random) => Uint8Array;

/** Files that no mutation of a small one leads to: deep, wide, or of many parts. Each with its name. */
const GROWN: readonly [string, Grow][] = [
  ['deep pickle', (random) => torchZip(deepPickle(random))],
  ['wide pickle', (random) => torchZip(widePickle(random))],
  ['pickle of strangers', (random) => torchZip(strangePickle(random))],
  ['old torch file', (random) => join(LEGACY_HEAD, deepPickle(random), text('].'))],
  ['checkpoint', makeCheckpoint],
  ['zip of many', zipOfMany],
  ['zip of overlaps', zipOfOverlaps],
  ['gzip', (random) => gzipSync(makeCheckpoint(random))],
];

/** One of them at random. */
export function grow(random: Random): { source: string; bytes: Uint8Array } {
  const [source, make] = random.pick(GROWN);
  return { source, bytes: make(random) };
}

const LEGACY_HEAD = join(
  Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e),
  Uint8Array.of(0x80, 2, 0x4d, 0xe9, 3, 0x2e),
  Uint8Array.of(0x80, 2, 0x7d, 0x2e),
);
const SIZES = [1, 10, 1000, 20_000];

/** Containers in containers: dicts, lists and tuples, closed or left open. */
function deepPickle(random: Random): Uint8Array {
  const depth = random.pick(SIZES);
  const kind = random.below(4);
  const open = [text('}K\x01'), text(']'), text(''), text('(')][kind]!;
  const close = [text('s'), text('a'), Uint8Array.of(0x85), text('t')][kind]!;
  const count = random.below(8) === 0 ? random.below(depth) : depth;
  return join(repeat(open, depth), text('N'), repeat(close, count), text('.'));
}

/** One list or dict of many, each a number, a list or the same list again. */
function widePickle(random: Random): Uint8Array {
  const count = random.pick([...SIZES, 70_000]);
  const element = random.pick([text('K\x07'), text(']'), text('h\x00'), text('N')]);
  const pair = random.below(2) === 0;
  const head = pair ? text('}q\x00(') : text(']q\x00(');
  return join(head, repeat(element, pair ? count * 2 : count), text(pair ? 'u.' : 'e.'));
}

/** Classes that nobody knows, built of each other. */
function strangePickle(random: Random): Uint8Array {
  const global = text(
    `c${random.pick(['os', 'torch._utils', 'numpy', 'my.module', 'collections'])}\n${random.pick([
      'system',
      '_rebuild_tensor_v2',
      '_rebuild_tensor_v3',
      'dtype',
      'ndarray',
      'OrderedDict',
      'Thing',
    ])}\n`,
  );
  const parts = [
    text(')'),
    text('R'),
    Uint8Array.of(0x81),
    text('b'),
    text(']'),
    text('}'),
    text('N'),
    text('K\x05'),
    text('a'),
    text('(tQ'),
    text('\x85'),
    global,
  ];
  const body = Array.from({ length: random.below(60) }, () => random.pick(parts));
  return join(global, ...body, text('.'));
}

function torchZip(pickle: Uint8Array): Uint8Array {
  return zipSync(
    { 'a/data.pkl': join(Uint8Array.of(0x80, 2), pickle), 'a/data/0': new Uint8Array(64) },
    { level: 0 },
  );
}

/** A safetensors file of many numbered tensors, named as networks name theirs. */
function makeCheckpoint(random: Random): Uint8Array {
  const count = random.pick([1, 30, 1000, 5000]);
  const pattern = random.pick([
    '#.conv.0.weight',
    'decoder.layers.#.conv.0.weight',
    'decoder.up.#.block.0.norm1.weight',
    'layers.#.residual_group.blocks.0.attn.qkv.weight',
    'latents_#x8',
    'latent.#',
    '__proto__#',
    `${'n'.repeat(400)}#`,
  ]);
  const shape = random.pick([[1], [4, 8, 8], [1, 4, 8, 8], [16, 1, 8, 8], [0], []]);
  const dtype = random.pick(['F32', 'F16', 'F8_E4M3', 'I64', 'Q4']);
  const size =
    shape.reduce((product, side) => product * side, 1) *
    (dtype === 'F32' ? 4 : dtype === 'F16' ? 2 : dtype === 'I64' ? 8 : 1);
  const shared = random.below(8) === 0;
  const header: Record<string, unknown> = {};
  if (random.below(2) === 0)
    header.__metadata__ = {
      architecture: random.pick(['sdxl', 'wan', '']),
      prompt: '['.repeat(random.pick(SIZES)),
    };
  for (let at = 0; at < count; at++) {
    const begin = shared ? 0 : at * size;
    header[pattern.replace('#', String(at))] = { dtype, shape, data_offsets: [begin, begin + size] };
  }
  const json = text(JSON.stringify(header));
  const head = new Uint8Array(8);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  return join(head, json, new Uint8Array(shared ? size : count * size));
}

function zipOfMany(random: Random): Uint8Array {
  const count = random.pick([1, 100, 3000]);
  const ending = random.pick(['.npy', '', '/data.pkl']);
  const content = random.pick([new Uint8Array(0), text('\x93NUMPY\x01\x00'), new Uint8Array(100)]);
  return zipSync(Object.fromEntries(Array.from({ length: count }, (_, at) => [`${at}${ending}`, content])));
}

/** Entries of a directory that all lead to one file. */
function zipOfOverlaps(random: Random): Uint8Array {
  const one = zipSync({ 'a.npy': new Uint8Array(2 ** random.below(20)) });
  const view = new DataView(one.buffer);
  const end = one.length - 22;
  const [size, start] = [view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  const count = random.pick([2, 50, 1000]);
  const tail = one.slice(end);
  const fields = new DataView(tail.buffer);
  for (const at of [8, 10]) fields.setUint16(at, count, true);
  fields.setUint32(12, size * count, true);
  return join(one.slice(0, start), repeat(one.slice(start, start + size), count), tail);
}

function text(value: string): Uint8Array {
  return Uint8Array.from(value, (char) => char.charCodeAt(0));
}

function repeat(part: Uint8Array, count: number): Uint8Array {
  const repeated = new Uint8Array(part.length * count);
  for (let at = 0; at < count; at++) repeated.set(part, at * part.length);
  return repeated;
}
