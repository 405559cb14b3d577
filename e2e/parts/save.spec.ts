import { drop, expect, makeLatentFile, test, waitForBoth } from '../support/page-test';

test('there is no enlarged latent to save of a picture that was enlarged itself', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('waves_sdxl.safetensors', 4, 8)]);
  await waitForBoth(page);
  const latents = page.getByRole('group', { name: 'Save the latent as' });
  await page.getByText('Save the latent').click();
  await expect(latents.getByRole('button').first()).toBeEnabled();
  const results = page.getByRole('group', { name: 'Which result to save' });
  await results.getByRole('button', { name: 'Decoded, then Lanczos' }).click();
  await expect(latents).toHaveCount(0);
  await expect(page.locator('leap-save')).toContainText('the decoded picture was enlarged, not the latent');
});
