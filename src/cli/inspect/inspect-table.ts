import { SURE } from '../../latent/types';
import { describeNetworks } from '../input/find-networks';
import { sayInstead } from '../input/say-guesses';
import type { Inspection } from './inspect-file';

/** What was understood of a file, for people: a line for each thing in it, and one for each guess that is not sure. */
export function describeInspection({ file, latents, models, error }: Inspection): string[] {
  const lines = latents.map(({ family, space, dims: [, height, width], writer, tensor, item }) => {
    const which = latents.length > 1 || item > 1 ? `-${item}` : '';
    const from = [writer, tensor].filter((text) => text !== '').join(', ');
    return `${file}${which}: ${family} latent, ${space} space, ${width}x${height}${from ? ` (${from})` : ''}`;
  });
  // The items of a batch are mostly alike, so each guess is said once.
  const guesses = latents.flatMap((latent) => latent.guesses).filter(({ confidence }) => confidence < SURE);
  const said = guesses.map((guess) => {
    const { what, value, confidence, reason } = guess;
    return `  ${what} ${value}: ${Math.round(confidence * 100)} %. ${reason}${sayInstead(guess)}`;
  });
  return [
    ...lines,
    ...new Set(said),
    ...new Set(latents.flatMap(({ remarks }) => remarks.map((remark) => `  ${remark}`))),
    ...models.map((model) => `${file}: model, ${describeNetworks({ ...model, keep: [] })}`),
    ...(error ? [`${file}: ${error.message} [${error.code}]`] : []),
  ];
}
