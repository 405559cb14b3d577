import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../formats';
import { taesdShapes } from '../../testing/graph/network-shapes';
import { sdLatentUpscalerShapes } from '../../testing/graph/upscaler-shapes';
import { inspectModel } from './inspect-model';

function makeFile(shapes: Record<string, number[]>): Blob {
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { name, dtype: 'F32' as const, shape, bytes: new Uint8Array(count * 4) };
  });
  return new Blob([new Uint8Array(writeSafetensors(tensors))]);
}

describe('inspectModel', () => {
  it('names what a checkpoint holds', async () => {
    const file = makeFile(taesdShapes('decoder', 16, false));
    await expect(inspectModel(file)).resolves.toMatchObject([
      { kind: 'decoder', architecture: 'taesd-decoder', channels: 16, families: ['sd3', 'flux1'] },
    ]);
  });

  it('says which factor the name gives, where the tensors give none', async () => {
    const bytes = makeFile(sdLatentUpscalerShapes({ width: 8 }));
    const named = async (name: string) => (await inspectModel(new File([bytes], name)))[0];
    expect(await named('latent-upscaler_SDxl-x1.5.safetensors')).toMatchObject({
      askScale: [1.25, 1.5, 2],
      namedScale: 1.5,
    });
    expect((await named('x3.safetensors'))?.namedScale).toBeUndefined();
    expect((await inspectModel(bytes))[0]?.namedScale).toBeUndefined();
  });

  it('says which family the name speaks of, of those that the channels allow', async () => {
    const bytes = makeFile(taesdShapes('decoder', 4, false));
    const named = async (name: string) => (await inspectModel(new File([bytes], name)))[0]?.namedFamily;
    expect(await named('taesdxl_decoder.safetensors')).toBe('sdxl');
    expect(await named('vae-sd15.safetensors')).toBe('sd15');
    expect(await named('flux_vae.safetensors')).toBeUndefined();
    expect(await named('decoder.safetensors')).toBeUndefined();
  });

  it('refuses a latent, and a file that is not a checkpoint at all', async () => {
    const latent = makeFile({ latents: [1, 4, 8, 8] });
    await expect(inspectModel(latent)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(inspectModel(new Blob(['nothing']))).rejects.toMatchObject({
      code: 'damaged-file',
    });
  });
});
