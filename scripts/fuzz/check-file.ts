import { LeapError } from '../../src/errors';
import { bytesPer, readTensorFile } from '../../src/formats';
import { recogniseCheckpoint } from '../../src/graph';
import { previewLatent, readLatents, writeLatent } from '../../src/latent';
import type { Candidate } from '../../src/latent/types';
import type { Outcome } from './report';

/** Does with a file what the page does: read, preview, write, read back. Checks that the result is consistent. */
export function checkFile(file: Uint8Array): Outcome {
  // Processor time, not time on the clock, so that other programs do not count. Garbage counts as growth.
  const before = usedBytes();
  const start = process.cpuUsage();
  let result = 'read';
  try {
    useFile(file);
  } catch (thrown) {
    const known = thrown instanceof LeapError && thrown.code !== 'internal';
    result = known ? thrown.code : `foreign: ${thrown instanceof Error ? thrown.stack : thrown}`;
  }
  const { user, system } = process.cpuUsage(start);
  return { result, milliseconds: (user + system) / 1000, bytes: usedBytes() - before };
}

function useFile(bytes: Uint8Array): void {
  const file = readTensorFile(bytes);
  for (const tensor of file.tensors) {
    const expected = tensor.shape.reduce((product, size) => product * size, bytesPer(tensor.dtype));
    if (tensor.bytes.length !== expected)
      throw new Error(`${tensor.name}: ${tensor.bytes.length} bytes, not ${expected}`);
  }
  recogniseOrRefuse(file);
  for (const latent of readOrChoose(file)) {
    previewLatent(latent);
    const [back] = readLatents(readTensorFile(writeLatent(latent, 'safetensors')));
    if (!back!.data.every((value, at) => value === latent.data[at]))
      throw new Error('The round trip changed a value.');
  }
}

/** As the page does with a file that may be a checkpoint. */
function recogniseOrRefuse({ tensors, metadata }: ReturnType<typeof readTensorFile>): void {
  try {
    recogniseCheckpoint(tensors, metadata);
  } catch (thrown) {
    if (!(thrown instanceof LeapError)) throw thrown;
  }
}

/** Reads an ambiguous file with its first candidate, which must work. */
function readOrChoose(file: ReturnType<typeof readTensorFile>): ReturnType<typeof readLatents> {
  try {
    return readLatents(file);
  } catch (thrown) {
    if (!(thrown instanceof LeapError) || thrown.code !== 'ambiguous') throw thrown;
    const [first] = thrown.detail.candidates as Candidate[];
    return readLatents(file, first!.hints);
  }
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
