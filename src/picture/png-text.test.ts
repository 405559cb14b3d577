import { decode, encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { addPngTexts, readPngTexts } from './png-text';

const pixels = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
const png = new Blob([new Uint8Array(encode({ width: 2, height: 2, channels: 3, data: pixels }))]);

describe('texts in a PNG', () => {
  it('are read by another decoder, checksums included, and leave the pixels alone', async () => {
    const prompt = JSON.stringify({ 1: { inputs: { text: 'plain' } } });
    const decoded = decode(new Uint8Array(await addPngTexts(png, { prompt }).arrayBuffer()), {
      checkCrc: true,
    });
    expect(decoded.text).toEqual({ prompt });
    expect([...decoded.data]).toEqual([...pixels]);
  });

  it('come back as the same JSON, whatever alphabet they are in', async () => {
    const workflow = { text: 'Fuchs, 狐, 🦊, "quoted"\n\ttabbed' };
    const marked = addPngTexts(png, { workflow: JSON.stringify(workflow), other: '1' });
    const texts = await readPngTexts(marked, ['prompt', 'workflow']);
    expect(Object.keys(texts)).toEqual(['workflow']);
    expect(JSON.parse(texts.workflow!)).toEqual(workflow);
  });

  it.each([
    ['nothing', new Blob([])],
    ['a text', new Blob(['not a picture, but long enough to be looked into'])],
    ['a PNG that ends in a chunk', addPngTexts(png, { prompt: '{}' }).slice(0, 45)],
  ])('are not found in %s', async (_, blob) => {
    expect(await readPngTexts(blob, ['workflow'])).toEqual({});
  });
});
