import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeLatent } from '../latent';
import { checkpoint } from '../testing/engine/checkpoint-engine';
import { makeLatent } from '../testing/engine/test-models';
import { taesdShapes } from '../testing/graph/network-shapes';
import { writeOnnxEnlarger } from '../testing/graph/onnx-enlarger-file';
import { nnLatentUpscaleShapes, sdLatentUpscalerShapes } from '../testing/graph/upscaler-shapes';
import { makeModelFolder } from '../testing/model-folder';
import { runCli } from '../testing/run-cli';
import { EXIT } from './run-command';

const { path, options: models } = makeModelFolder();

beforeAll(async () => {
  await writeFile(path('cat.safetensors'), writeLatent(makeLatent('sdxl', 8, 12), 'safetensors'));
});

describe('methods', () => {
  const upscale = async (...args: string[]) => {
    const to = path(`method ${args.join(' ').replaceAll('/', '')}`);
    const all = ['--out', to, '--family', 'sdxl', ...args, ...models];
    const { code, err } = await runCli('upscale', path('cat.safetensors'), ...all);
    expect(err).toEqual([]);
    expect(code).toBe(EXIT.done);
    const [name = ''] = await readdir(to);
    const { width, height, data } = decode(await readFile(join(to, name)));
    return { name, size: [width, height], data };
  };

  it('enlarges by any factor, in latents, twice, and in pixels', async () => {
    expect(await upscale('--method', 'bicubic', '--scale', '1.5')).toMatchObject({
      name: 'cat-bicubic-x1.5.png',
      size: [144, 96],
    });
    expect(await upscale('--scale', '4', '--passes', '2')).toMatchObject({ size: [384, 256] });
    expect(await upscale('--method', 'pixels', '--scale', '1.25')).toMatchObject({
      name: 'cat-pixels-x1.25.png',
      size: [120, 80],
    });
  });

  it('makes one picture of the tiles of a pixel enlarger, whose edges lie anywhere', async () => {
    const args = ['--method', 'pixels', '--scale', '1.5'];
    const [whole, tiled] = [await upscale(...args), await upscale(...args, '--tile', '5')];
    expect(tiled.size).toEqual([144, 96]);
    const apart = tiled.data.map((value, i) => Math.abs(value - whole.data[i]!));
    expect(Math.max(...apart)).toBeLessThanOrEqual(1);
  });

  it('takes an upscaler by its id, or as a file', async () => {
    expect((await upscale('--method', 'lua-test-sdxl')).name).toBe('cat-lua-test-sdxl-x2.png');
    await writeFile(path('nn.safetensors'), checkpoint(nnLatentUpscaleShapes({ width: 32, blocks: 2 })));
    expect(await upscale('--method', path('nn.safetensors'), '--scale', '1.5')).toMatchObject({
      name: 'cat-nn-x1.5.png',
      size: [144, 96],
    });
    await writeFile(path('mine.onnx'), writeOnnxEnlarger({ scale: 4 }));
    expect(await upscale('--method', path('mine.onnx'), '--scale', '4')).toMatchObject({
      name: 'cat-mine-x4.png',
      size: [384, 256],
    });
  });

  it('believes the name of a file about its factor, before a scale that nobody has asked for', async () => {
    await writeFile(path('upscaler-x1.5.safetensors'), checkpoint(sdLatentUpscalerShapes()));
    const args = ['--family', 'sdxl', '--lua', path('upscaler-x1.5.safetensors'), ...models];
    const asked = await runCli('upscale', path('cat.safetensors'), '--out', path('named'), ...args);
    expect(asked.code).toBe(EXIT.someFailed);
    expect(asked.err[0]).toContain('enlarges by 1.5, not by 2');
    expect((await upscale(...args.slice(2, 4), '--scale', '1.5')).size).toEqual([144, 96]);
  });

  it('says which factors there are, and how to have another one', async () => {
    const args = ['--out', path('factor'), '--family', 'sdxl', '--scale', '1.5', ...models];
    const { code, err } = await runCli('upscale', path('cat.safetensors'), ...args);
    expect(code).toBe(EXIT.someFailed);
    expect(err[0]).toContain(
      'lua-test-sdxl enlarges by 2 and 4, not by 1.5. Choose one of its factors, the method bicubic or the method pixels.',
    );
  });

  it('refuses a name that means nothing, and a file for other latents', async () => {
    const args = ['--out', path('none'), '--family', 'sdxl', ...models];
    const none = await runCli('upscale', path('cat.safetensors'), ...args, '--method', 'magic');
    expect(none.code).toBe(EXIT.usage);
    expect(none.err[0]).toContain('No model or file is called magic');
    await writeFile(path('tiny.safetensors'), checkpoint(taesdShapes('decoder', 4, false)));
    const decoder = await runCli(
      'upscale',
      path('cat.safetensors'),
      ...args,
      '--method',
      path('tiny.safetensors'),
    );
    expect(decoder.err[0]).toContain('does not hold an upscaler');
  });
});
