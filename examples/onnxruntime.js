import { createDecoderSession } from 'latent-leap';
import * as ort from 'onnxruntime-web/webgpu';

/**
 * A generator of your own: where it made the session of its VAE's decoder, it makes this one. The latent stays in the
 * buffer that the denoiser left it in, and the picture comes in a buffer of the same device.
 *
 * @param {GPUDevice} device of all sessions: `executionProviders: [{ name: 'webgpu', device }]`
 * @param {ort.InferenceSession} [vaeDecoder] takes over when something fails
 */
export function createDecoder(device, vaeDecoder) {
  return createDecoderSession({
    family: 'sdxl',
    scale: 2,
    ort,
    device,
    fallback: vaeDecoder,
    models: '/models/',
  });
}

/**
 * @param {ort.InferenceSession} denoiser with `preferredOutputLocation: 'gpu-buffer'`
 * @param {Awaited<ReturnType<typeof createDecoder>>} decoder
 */
export async function generate(denoiser, decoder, feeds) {
  const { latent_sample } = await denoiser.run(feeds);
  const { sample } = await decoder.run({ latent_sample });
  latent_sample.dispose();
  return sample; // [1, 3, 2H, 2W] in [-1, 1], sample.gpuBuffer
}
