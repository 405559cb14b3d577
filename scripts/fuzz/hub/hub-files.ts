import { floatToHalf, readTensorFile, writeSafetensors } from '../../../src/formats';
import { digestOf } from '../../../src/testing/digest-of';
import { randomTensor } from '../../../src/testing/graph/random-weights';
import { sdLatentUpscalerShapes } from '../../../src/testing/graph/upscaler-shapes';
import type { Version } from './strange-answers';

export const KEEP = ['sequential.'];
export const COMMIT = 'c0ffee'.padEnd(40, '0');

/** A small network, beside a tensor that nobody wants and that is larger than a gap which one request may skip. */
export function makeVersion(sign: number): Version {
  const tensors = Object.entries(sdLatentUpscalerShapes({ width: 8 })).map(([name, shape]) => ({
    name,
    shape,
    dtype: 'F32' as const,
    bytes: new Uint8Array(randomTensor(name, shape).map((value) => value * sign).buffer),
  }));
  const unwanted = {
    name: 'between',
    shape: [75_000],
    dtype: 'F32' as const,
    bytes: new Uint8Array(300_000),
  };
  const middle = tensors.length >> 1;
  const bytes = writeSafetensors([...tensors.slice(0, middle), unwanted, ...tensors.slice(middle)]);
  return {
    bytes,
    etag: `"${digestOf(bytes)}"`,
    modified: new Date(Date.UTC(2026, 0, 2 + sign)).toUTCString(),
  };
}

/** Whether these are the wanted tensors of that version, all of them and nothing else, as halves or as they are. */
export function isVersion(bytes: Uint8Array, { bytes: whole }: Version): boolean {
  const wanted = readTensorFile(whole).tensors.filter(({ name }) => name !== 'between');
  const found = new Map(readTensorFile(bytes).tensors.map((tensor) => [tensor.name, tensor]));
  found.delete('between');
  return (
    found.size === wanted.length &&
    wanted.every(({ name, bytes: floats }) => {
      const tensor = found.get(name);
      if (tensor?.dtype === 'F32') return Buffer.compare(tensor.bytes, floats) === 0;
      const values = new Float32Array(floats.slice().buffer);
      const half = Uint16Array.from(values, floatToHalf);
      return tensor !== undefined && Buffer.compare(tensor.bytes, new Uint8Array(half.buffer)) === 0;
    })
  );
}
