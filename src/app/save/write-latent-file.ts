import type { Latent } from '../../client';
import { LATENT_OUTPUTS, type LatentOutput } from '../../latent/output/latent-outputs';
import type { Item, Outcome } from '../state/item';
import type { UpscalerHost } from '../state/upscaler-host';
import { nameFile } from './name-result';

/** @throws LeapError of `Upscaler.write` */
export async function writeLatentFile(
  host: UpscalerHost,
  latent: Latent,
  { format, consumer }: LatentOutput,
): Promise<Blob> {
  const bytes = await host.use((upscaler) => upscaler.write(latent, format, { consumer }));
  return new Blob([bytes], { type: 'application/octet-stream' });
}

/** If several outputs share an ending, all but the first put their own name before it. */
export function nameLatentFile(item: Item, outcome: Outcome, output: LatentOutput): string {
  const first = LATENT_OUTPUTS.find(({ ending }) => ending === output.ending);
  const ending = output.ending.slice(1);
  return nameFile(item, outcome, first === output ? ending : `${output.name}.${ending}`);
}
