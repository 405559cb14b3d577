import { describe, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli';
import { EXIT } from './run-command';

describe('usage', () => {
  it.each([
    [[]],
    [['polish', 'a']],
    [['upscale', '--out', 'x']],
    [['upscale', 'a']],
    [['upscale', 'a', '--out', 'x', '--scale', '5']],
    [['upscale', 'a', '--out', 'x', '--passes', '3']],
    [['upscale', 'a', '--out', 'x', '--family', 'sd9']],
    [['upscale', 'a', '--out', 'x', '--width', '-4']],
    [['upscale', 'a', '--out', 'x', '--precision', 'fp16']],
    [['upscale', 'a', '--out', 'x', '--colour', 'red']],
    [['upscale', 'a', '--out', 'x', '--method', 'magic']],
    [['upscale', 'a', '--out', 'x', '--save-latent=tiff']],
    [['upscale', 'a', '--out', 'x', '--save-latent', 'tiff']],
    [['upscale', '--out', 'x', '--save-latent', 'tiff', 'a.latent']],
    [['inspect', 'a', '--layout', 'round']],
    [['inspect', 'a', '--item', '0']],
    [['inspect']],
  ])('refuses %j with exit code 2', async (args) => {
    const { code, err } = await runCli(...args);
    expect(code).toBe(EXIT.usage);
    expect(err.at(-1)).toMatch(/--help/);
  });

  it.each([
    [['--scal', '2'], 'There is no option --scal. Did you mean --scale?'],
    [['--colour', 'red'], 'There is no option --colour.'],
    [['-x'], 'There is no option -x.'],
    [['--tile'], '--tile needs a value.'],
    [['--width', '-4'], '--width needs a value. One that begins with - is written --width=-VALUE.'],
    [['--json=yes'], '--json takes no value.'],
  ])('says what is wrong with %j', async (options, says) => {
    const { err } = await runCli('upscale', 'a', '--out', 'x', ...options);
    expect(err[0]).toContain(says);
  });

  it('says what fp16 needs', async () => {
    const { err } = await runCli('upscale', 'a', '--out', 'x', '--precision', 'fp16');
    expect(err[0]).toMatch(/fp16 needs --backend webgpu/);
    expect((await runCli('--help')).out[0]).toMatch(/fp16 needs --backend webgpu/);
  });

  it('explains itself', async () => {
    expect(await runCli('--help')).toMatchObject({
      code: EXIT.done,
      out: [expect.stringContaining('Exit codes')],
    });
    expect(await runCli('--version')).toMatchObject({ code: EXIT.done, out: ['1.2.3'] });
  });
});
