import { drop, expect, type TestFile, test } from '../support/page-test';

/** The worst of what people reported, dropped on the page: each was once a wrong picture that was stated as certain. */

/** Normal numbers, the same each time: white, as latents of families that are not read are. */
function noise(count: number): Float32Array {
  let state = 1;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

interface Tensor {
  name: string;
  shape: number[];
  values: Float32Array;
}

function safetensors(name: string, tensors: Tensor[], metadata: Record<string, string> = {}): TestFile {
  let end = 0;
  const entries = tensors.map((tensor): [string, object] => {
    const begin = end;
    end += tensor.values.byteLength;
    return [tensor.name, { dtype: 'F32', shape: tensor.shape, data_offsets: [begin, end] }];
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = tensors.map(({ values }) => Buffer.from(values.buffer));
  return { name, bytes: Buffer.concat([length, header, ...data]) };
}

const latent = (shape: number[], name = 'latents'): Tensor => {
  return { name, shape, values: noise(shape.reduce((product, size) => product * size, 1)) };
};

test.beforeEach(async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
});

for (const [file, shape, family] of [
  ['qwen_image_latents.safetensors', [1, 64, 64], 'Qwen-Image'],
  ['ltx_video.safetensors', [1, 60, 128], 'LTX'],
] as const) {
  test(`${file} is refused with the name of its family`, async ({ page }) => {
    await drop(page, [safetensors(file, [latent([...shape])])]);
    await expect(page.locator('leap-problem').first()).toContainText(
      `This is a latent of ${family}, which is not read here.`,
    );
  });
}

test('if nothing tells the family of tokens, it is a guess, and the other families are named', async ({
  page,
}) => {
  await drop(page, [safetensors('latents.safetensors', [latent([1, 16, 8, 8])])]);
  const inspector = page.locator('leap-inspector');
  await expect(inspector.locator('.what')).toContainText('(a guess)');
  const reading = page.locator('leap-reading');
  await expect(reading).toContainText('A guess, please check.');
  await expect(reading).toContainText('It may also be of a family that is not supported:');
  await expect(reading).toContainText('Qwen-Image, Wan');
  const family = page.getByLabel('Family');
  const read = await family.inputValue();
  const other = read === 'flux1' ? 'SD3' : 'FLUX.1';
  await reading
    .getByRole('list', { name: 'Possible readings' })
    .first()
    .getByRole('button', { name: other })
    .click();
  await expect(family).not.toHaveValue(read);
  await expect(inspector.locator('.what')).not.toContainText('(a guess)');
});

test('a family that does not help can be taken back, and none is asked for where none helps', async ({
  page,
}) => {
  const moments = latent([1, 32, 8, 8]);
  moments.values.fill(-12, 16 * 64);
  const broken = latent([1, 4, 8, 8]);
  broken.values[7] = Number.NaN;
  await drop(page, [safetensors('moments.safetensors', [moments]), safetensors('nan.safetensors', [broken])]);
  const problem = page.locator('leap-problem').first();
  const family = page.getByLabel('Family');
  await expect(problem).toContainText('save the first 16 of them');
  await family.selectOption('flux1');
  await expect(problem).toContainText('instead of the 16 of FLUX.1');
  await family.selectOption('');
  await expect(problem).toContainText('save the first 16 of them');
  await page.keyboard.press(']');
  await expect(problem).toContainText('1 of 256 values is NaN or infinite');
  await expect(family).toHaveCount(0);
});

test('four channels are never stated as certain by their values', async ({ page }) => {
  await drop(page, [safetensors('out.safetensors', [latent([1, 4, 8, 8])])]);
  await expect(page.locator('leap-inspector .what')).toContainText('(a guess)');
  await expect(page.locator('leap-reading')).toContainText('Playground 2.5');
});

test('a batch of packed tokens is as many latents, not one with strange channels', async ({ page }) => {
  const tokens = noise(4 * 16 * 64);
  // Positions of a patch are alike, as in a picture.
  for (let at = 0; at < tokens.length; at++) tokens[at] = tokens[at - (at % 4)]! + 0.3 * tokens[at]!;
  const batch: Tensor = { name: 'latents', shape: [4, 16, 64], values: tokens };
  await drop(page, [safetensors('flux1_64_x4.safetensors', [batch])]);
  await expect(page.locator('leap-inspector .what')).toContainText('8 × 8');
  await expect(page.locator('leap-inspector .what')).toContainText('of 4');
});

test('what a trainer says of its cache is used', async ({ page }) => {
  const file = safetensors('img_a9.safetensors', [latent([4, 8, 8], 'latent')], {
    latent_space_version: 'sdxl',
  });
  await drop(page, [file]);
  await expect(page.getByLabel('Family')).toHaveValue('sdxl');
  await expect(page.locator('leap-inspector .what')).not.toContainText('(a guess)');
});

test('a checkpoint does not become pictures', async ({ page }) => {
  const weights = [latent([4, 4, 3, 3], 'decoder.conv_in.weight'), latent([4, 16, 16], 'decoder.table')];
  await drop(page, [safetensors('vae.safetensors', weights)]);
  await expect(page.locator('leap-problem').first()).toContainText('model');
  await expect(page.locator('leap-inspector .what')).not.toContainText('SD');
});
