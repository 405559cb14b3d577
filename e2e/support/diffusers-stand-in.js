/**
 * Stands in for diffusers.js, which is not on npm any more. The calls around the decoder are those of its source
 * (https://github.com/dakenf/diffusers.js: src/backends/index.ts, src/pipelines/PipelineBase.ts): a session of its own
 * class with `config`, tensors of its own class with arithmetic, `vaeDecoder` in a public field. What comes before is as
 * short as the tiny models are: no tokenizer, no scheduler, no guidance.
 */
import * as ort from '/ort/ort.jspi.bundle.min.mjs';

ort.env.wasm.numThreads = 1;

/** As of transformers.js, with the arithmetic that diffusers.js adds. */
class Tensor extends ort.Tensor {
  div(value) {
    return this.#map((one) => one / value);
  }

  add(value) {
    return this.#map((one) => one + value);
  }

  clipByValue(from, to) {
    return this.#map((one) => Math.min(Math.max(one, from), to));
  }

  #map(change) {
    return new Tensor(this.type, this.data.map(change), this.dims);
  }
}

class Session {
  static async create(address, config) {
    const model = new Uint8Array(await (await fetch(address)).arrayBuffer());
    const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
    return new Session(session, config);
  }

  constructor(session, config = {}) {
    this.session = session;
    this.config = config;
  }

  async run(inputs) {
    const result = await this.session.run(inputs);
    return Object.fromEntries(
      Object.entries(result).map(([name, { type, data, dims }]) => [name, new Tensor(type, data, dims)]),
    );
  }

  release() {
    return this.session.release();
  }
}

export class DiffusionPipeline {
  static async fromPretrained(repository) {
    const pipe = new DiffusionPipeline();
    pipe.unet = await Session.create(`${repository}/unet/model.onnx`);
    pipe.textEncoder = await Session.create(`${repository}/text_encoder/model.onnx`);
    pipe.vaeDecoder = await Session.create(`${repository}/vae_decoder/model.onnx`, {
      scaling_factor: 0.18215,
    });
    return pipe;
  }

  async run({ width = 512, height = 512, numInferenceSteps }) {
    const tokens = new Tensor('int32', new Int32Array(77).fill(7), [1, 77]);
    const { last_hidden_state } = await this.textEncoder.run({ input_ids: tokens });
    const dims = [1, 4, height / 8, width / 8];
    const noise = Float32Array.from({ length: dims[1] * dims[2] * dims[3] }, (_, i) => Math.sin(i * i));
    let latents = new Tensor('float32', noise, dims);
    for (let step = numInferenceSteps; step > 0; step--) {
      const timestep = new Tensor('int64', BigInt64Array.of(BigInt(step)), [1]);
      const feeds = { sample: latents, timestep, encoder_hidden_states: last_hidden_state };
      latents = (await this.unet.run(feeds)).out_sample;
    }
    return this.makeImages(latents);
  }

  /** As it stands there. */
  async makeImages(latents) {
    const latent_sample = latents.div(this.vaeDecoder.config.scaling_factor || 0.18215);
    const decoded = await this.vaeDecoder.run({ latent_sample });
    return [decoded.sample.div(2).add(0.5).clipByValue(0, 1)];
  }
}
