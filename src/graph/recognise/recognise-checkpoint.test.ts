import { describe, expect, test } from 'vitest';
import { defined } from '../../defined';
import { familiesWith } from '../../latent/families';
import { klShapes, narrowKl, toOriginalNames } from '../../testing/graph/kl-shapes';
import {
  leapEncoderShapes,
  leapLuaShapes,
  luaShapes,
  type Shapes,
  SMALL_LUA,
  taesdShapes,
} from '../../testing/graph/network-shapes';
import { makeWeights } from '../../testing/graph/random-weights';
import { SMALL_NETWORKS, tensorsOf } from '../../testing/graph/small-networks';
import { buildGraph, type RecognisedModel, recogniseCheckpoint } from '..';

const SD = narrowKl();
const FLUX2 = narrowKl({ channels: 32, batchNorm: true });
const LEAP_LUA = leapLuaShapes({
  ...{ in_chans: 16, widths: [8, 8, 8], stem: 1, groups: 1, heads: 2 },
  ...{ window_size: 4, mlp_ratio: 2, middle: 1, tail: 1 },
});
/** As a state dict of the training code has them. */
const LUA_BUFFERS: Shapes = {
  'layers.0.residual_group.blocks.1.attn_mask': [4, 64, 64],
  'layers.0.residual_group.blocks.0.attn.relative_position_index': [64, 64],
};
const UNET: Shapes = { 'model.diffusion_model.input_blocks.0.0.weight': [320, 4, 3, 3] };

const under = (prefix: string, shapes: Shapes): Shapes =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${prefix}${name}`, shape]));
const without = (shapes: Shapes, pattern: RegExp): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => !pattern.test(name)));
/** diffusers counts no clamp: its decoder's indices are one lower. */
const diffusersTaesd = (part: 'encoder' | 'decoder', channels: number): Shapes =>
  Object.fromEntries(
    Object.entries(taesdShapes(part, channels, false)).map(([name, shape]) => [
      `${part}.layers.${name.replace(/^\d+/, (i) => `${Number(i) - (part === 'decoder' ? 1 : 0)}`)}`,
      shape,
    ]),
  );
const recognise = (shapes: Shapes, metadata?: Record<string, string>): RecognisedModel[] =>
  recogniseCheckpoint(tensorsOf(shapes), metadata);

const KNOWN: [name: string, shapes: Shapes, found: Partial<RecognisedModel>[]][] = [
  [
    'an SD VAE of diffusers',
    SMALL_NETWORKS.vae,
    [
      {
        architecture: 'kl-decoder',
        channels: 4,
        families: ['sd15', 'sdxl'],
        space: 'decoder',
        keep: ['decoder.', 'post_quant_conv.'],
      },
      { architecture: 'kl-encoder', keep: ['encoder.', 'quant_conv.'] },
    ],
  ],
  [
    'a Stable Diffusion checkpoint',
    { ...UNET, ...under('first_stage_model.', toOriginalNames(SMALL_NETWORKS.vae)) },
    [
      {
        architecture: 'kl-decoder',
        keep: ['first_stage_model.decoder.', 'first_stage_model.post_quant_conv.'],
      },
      { architecture: 'kl-encoder' },
    ],
  ],
  [
    'the FLUX.1 VAE of BFL',
    toOriginalNames(klShapes({ ...SD, channels: 16, quantConv: false })),
    [
      { channels: 16, families: ['sd3', 'flux1'], space: 'decoder', keep: ['decoder.'] },
      { architecture: 'kl-encoder', keep: ['encoder.'] },
    ],
  ],
  [
    'the FLUX.2 VAE',
    { ...SMALL_NETWORKS.flux2Vae, 'bn.num_batches_tracked': [] },
    [
      {
        families: ['flux2'],
        space: 'model',
        keep: ['decoder.', 'post_quant_conv.', 'bn.running_'],
      },
      { architecture: 'kl-encoder', space: 'model' },
    ],
  ],
  [
    "FLUX.2's small decoder alone",
    without(klShapes({ ...FLUX2, decoderWidths: [64, 64, 96, 96] }), /^(encoder|quant)/),
    [{ architecture: 'kl-decoder', kind: 'decoder', channels: 32 }],
  ],
  [
    'AutoencoderTiny of diffusers',
    { ...diffusersTaesd('encoder', 16), ...diffusersTaesd('decoder', 16) },
    [
      { architecture: 'taesd-decoder', channels: 16, space: 'model', keep: ['decoder.layers.'] },
      { architecture: 'taesd-encoder', keep: ['encoder.layers.'] },
    ],
  ],
  [
    'taesd_decoder.pth',
    SMALL_NETWORKS.taesdDecoder,
    [{ architecture: 'taesd-decoder', families: ['sd15', 'sdxl'] }],
  ],
  [
    'taef2 with both parts',
    {
      ...under('decoder.', taesdShapes('decoder', 32, true)),
      ...under('encoder.', taesdShapes('encoder', 32, true)),
    },
    [
      { architecture: 'taesd-decoder', families: ['flux2'], keep: ['decoder.'] },
      { architecture: 'taesd-encoder' },
    ],
  ],
  [
    "the authors' LUA",
    under('params_ema.', { ...SMALL_NETWORKS.lua, ...LUA_BUFFERS }),
    [{ architecture: 'lua', kind: 'lua', channels: 16, space: 'decoder', scales: [2, 4] }],
  ],
  [
    'a plain SwinIR for latents',
    under('params.', luaShapes({ ...SMALL_LUA, in_chans: 4, upsampler: 'pixelshuffle', scales: [4] })),
    [{ channels: 4, scales: [4] }],
  ],
  ['a lightweight SwinIR for latents', SMALL_NETWORKS.lightSwinIr, [{ channels: 16, scales: [2] }]],
  ['our decoder', SMALL_NETWORKS.decoder, [{ architecture: 'leap-decoder', space: 'model', channels: 16 }]],
  [
    'our decoder with a tone',
    SMALL_NETWORKS.tonedDecoder,
    [{ architecture: 'leap-decoder', space: 'model', channels: 32 }],
  ],
  [
    'our LUA, its two files in one',
    { ...LEAP_LUA, '__pad__.12': [2] },
    [{ architecture: 'leap-lua', kind: 'lua', space: 'model', channels: 16, scales: [2, 4] }],
  ],
  [
    'NNLatentUpscale',
    SMALL_NETWORKS.nnLatentUpscale,
    [
      {
        architecture: 'nn-latent-upscale',
        families: ['sd15', 'sdxl'],
        space: 'decoder',
        scaleRange: [1, 2],
      },
    ],
  ],
  [
    'SD-Latent-Upscaler, whose factor has to be asked for',
    SMALL_NETWORKS.sdLatentUpscaler,
    [{ architecture: 'sd-latent-upscaler', space: 'decoder', askScale: [1.25, 1.5, 2] }],
  ],
  [
    "LSRNA's LSR in its checkpoint",
    under('model.sd.', SMALL_NETWORKS.lsr),
    [
      {
        architecture: 'lsr',
        space: 'model',
        scaleRange: [1, 4],
        keep: ['model.sd.encoder.', 'model.sd.imnet.'],
      },
    ],
  ],
  ['our encoder', SMALL_NETWORKS.encoder, [{ architecture: 'leap-encoder', space: 'model', channels: 4 }]],
];

test.each(KNOWN)('%s is recognised', (_, shapes, found) => {
  expect(recognise(shapes)).toMatchObject(found);
});

test.each(KNOWN)('everything that the graph of %s needs is kept', (_, shapes) => {
  for (const { architecture, kind, keep } of recognise(shapes)) {
    const kept = Object.entries(shapes).filter(([name]) => keep.some((prefix) => name.startsWith(prefix)));
    const { file } = makeWeights(Object.fromEntries(kept));
    const size = { height: 16, width: 16, precision: 'fp32' } as const;
    const options = {
      weights: [file],
      ...size,
      ...defined({ scale: kind === 'lua' ? (recognise(shapes)[0]!.scales?.[0] ?? 2) : undefined }),
    };
    expect(buildGraph(architecture, options).multiplyAdds).toBeGreaterThan(0);
  }
});

test('our own LUA says in its metadata that it takes model space', () => {
  const metadata = { latent_leap: JSON.stringify({ kind: 'lua', space: 'model' }) };
  expect(recognise(SMALL_NETWORKS.lua, metadata)[0]!.space).toBe('model');
});

test.each([4, 16, 32])('the families of %i channels are those of the table', (channels) => {
  const shapes = leapEncoderShapes({ channels, widths: [8, 8, 8], blocks: [1, 1, 1] });
  expect(recognise(shapes)[0]!.families).toEqual(familiesWith(channels));
});

describe('anything else is refused, with what it is', () => {
  const lua = SMALL_NETWORKS.lua;
  const sd = SMALL_NETWORKS.vae;
  const cases: [name: string, shapes: Shapes, says: string, metadata?: Record<string, string>][] = [
    ['nothing', {}, 'no tensors'],
    ['unknown tensors', { 'foo.weight': [3, 4] }, 'foo.weight [3,4]'],
    ['a U-Net', UNET, 'a diffusion U-Net'],
    [
      'an SDXL checkpoint without its VAE',
      {
        'conditioner.embedders.1.model.logit_scale': [1],
        'model.diffusion_model.input_blocks.0.0.weight': [320, 4, 3, 3],
        'model.diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_q.weight': [1280, 1280],
      },
      'It looks like an SDXL checkpoint without its VAE. Add the VAE as a file of its own.',
    ],
    [
      'a network of 30 000 numbered blocks',
      Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`${i}.conv.0.weight`, [1, 1, 1, 1]])),
      'no network of a known kind',
    ],
    ['a LoRA', { 'lora_unet_x.lora_down.weight': [4, 320] }, 'a LoRA'],
    [
      'ESRGAN',
      { 'conv_first.weight': [64, 3, 3, 3], 'body.0.rdb1.conv1.weight': [32, 64, 3, 3] },
      'upscaler of pictures',
    ],
    ['a SwinIR for pictures', luaShapes({ ...SMALL_LUA, in_chans: 3 }), '3 channels'],
    ['a SwinIR for x3', luaShapes({ ...SMALL_LUA, upsampler: 'pixelshuffledirect', scales: [3] }), 'x3'],
    [
      'Swin2SR',
      { ...lua, 'layers.0.residual_group.blocks.0.attn.logit_scale': [2, 1, 1] },
      'attn.logit_scale',
    ],
    ['a SwinIR that denoises', without(lua, /^heads/), 'without a head'],
    [
      'the trunk of our LUA',
      without(lua, /conv_first|conv_last/),
      'only the trunk',
      { latent_leap: '{"part":"trunk"}' },
    ],
    ['the same without metadata', without(lua, /conv_first|conv_last/), 'only the trunk'],
    ['the trunk of our own LUA', without(LEAP_LUA, /conv_first|conv_last/), 'only the trunk'],
    [
      'our own LUA for channels that no family has',
      { ...LEAP_LUA, 'conv_first.weight': [8, 5, 3, 3] },
      '5 channels',
    ],
    [
      'the family part of our decoder',
      { 'conv_in.weight': [8, 4, 3, 3] },
      'only the per-family half of a two-file model; the other half is the trunk',
      { latent_leap: '{"part":"family"}' },
    ],
    [
      'a VAE with a second attention in its middle',
      { ...sd, 'decoder.mid_block.attentions.1.to_q.weight': [32, 32] },
      'a layer that is not known here: decoder.mid_block.attentions.1.to_q.weight',
    ],
    [
      'a VAE with attention between its levels',
      { ...toOriginalNames(sd), 'decoder.up.1.attn.0.q.weight': [32, 32, 1, 1] },
      'a layer that is not known here: decoder.up.1.attn.0.q.weight',
    ],
    ['a VAE and another one', { ...sd, ...under('vae.', sd) }, 'several full decoders (no prefix, vae.)'],
    [
      'TAESD with another layer',
      { ...taesdShapes('decoder', 4, false), '3.attn.0.weight': [64, 64, 1, 1] },
      'a tiny decoder with a layer that is not known here: 3.attn.0.weight',
    ],
    [
      'TAESD and its average',
      {
        ...under('decoder.', taesdShapes('decoder', 4, false)),
        ...under('ema.decoder.', taesdShapes('decoder', 4, false)),
      },
      'several tiny decoders (decoder., ema.decoder.)',
    ],
    [
      'a VAE of 4 pixels per position',
      without(sd, /blocks\.2\.(up|down)samplers/),
      '4 pixels per latent position',
    ],
    ['a VAE for 8 channels', klShapes({ ...SD, channels: 8 }), '8 channels'],
    ["32 channels without FLUX.2's batch norm", klShapes({ ...SD, channels: 32 }), 'batch norm'],
    ['a VQ autoencoder', { ...sd, 'quantize.embedding.weight': [8192, 4] }, 'codebook'],
    [
      'a VAE of videos',
      { ...toOriginalNames(sd), 'decoder.mid.block_1.time_stack.in_layers.0.weight': [32] },
      'time_stack',
    ],
    ['a VAE with 3-D convolutions', { ...sd, 'decoder.conv_in.weight': [32, 4, 3, 3, 3] }, '2-D'],
    ['a VAE whose decoder has lost its first layer', without(sd, /^decoder\.conv_in/), '2-D'],
  ];

  test.each(cases)('%s', (_, shapes, says, metadata) => {
    expect(() => recognise(shapes, metadata)).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(says) }),
    );
  });
});
