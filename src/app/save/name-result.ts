import { type Item, type Outcome, placeInBatch } from '../state/item';
import { fileStem, formatFactor } from '../text/format';

/** The file's name with what was done to it, without an ending; models only where they were chosen. */
export function nameResult(item: Item, { report, choice }: Outcome): string {
  const { method, scale, models } = report;
  const chosen = [
    choice.lua && models.lua,
    choice.enlarger && models.enlarger,
    choice.decoder && models.decoder,
  ].filter(Boolean);
  return [nameStem(item), method, ...chosen, `x${scale}`].join('-');
}

/** 'photo', or 'photo-2' for the second latent of a batch. */
export function nameStem(item: Item): string {
  const place = placeInBatch(item);
  return place ? `${fileStem(item.name)}-${place.number}` : fileStem(item.name);
}

/** The names, with a number behind those that are there already. @param taken grows by the result */
export function makeUnique(stem: string, ending: string, taken: Set<string>): string {
  let name = `${stem}.${ending}`;
  for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${stem} (${count}).${ending}`;
  taken.add(name.toLowerCase());
  return name;
}

/** @param ending without its dot */
export function nameFile(item: Item, outcome: Outcome, ending: string): string {
  return `${nameResult(item, outcome)}.${ending}`;
}

/** ' of 2×' for a picture of another factor than the chosen one, which stands in for one that was not run. */
export function sayOtherFactor(
  { scale }: Pick<Item, 'scale'>,
  outcome: { report: Pick<Outcome['report'], 'scale'> } | undefined,
): string {
  return outcome && outcome.report.scale !== scale ? ` of ${formatFactor(outcome.report.scale)}` : '';
}
