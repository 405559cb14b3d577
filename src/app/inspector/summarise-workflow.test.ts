import { describe, expect, it } from 'vitest';
import { summariseWorkflow } from './summarise-workflow';

const prompt = JSON.stringify({
  3: {
    class_type: 'KSampler',
    inputs: { seed: 42, steps: 20, cfg: 7.5, model: ['4', 0], positive: ['6', 0] },
  },
  4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' } },
  6: { class_type: 'CLIPTextEncode', inputs: { text: 'a fox in the snow', clip: ['4', 1] } },
  7: { class_type: 'CLIPTextEncode', inputs: { text: 'a fox in the snow', clip: ['4', 1] } },
});

describe('summariseWorkflow', () => {
  it('names what people ask for, each once, models first', () => {
    expect(summariseWorkflow({ prompt })).toEqual([
      { name: 'Model', value: 'sd_xl_base_1.0.safetensors' },
      { name: 'Seed', value: '42' },
      { name: 'Steps', value: '20' },
      { name: 'CFG', value: '7.5' },
      { name: 'Text', value: 'a fox in the snow' },
    ]);
  });

  it('counts the boxes where only the editor’s graph is there', () => {
    expect(summariseWorkflow({ workflow: '{"nodes":[{},{}]}' })).toEqual([{ name: 'Nodes', value: '2' }]);
  });

  it.each(['[]', '{}', '{"1":null}', '{"1":{"inputs":3}}', '{"1":{"inputs":{"constructor":"x"}}}'])(
    'says nothing about %s',
    (odd) => expect(summariseWorkflow({ prompt: odd })).toEqual([]),
  );
});
