import { SURE } from '../../latent/types';
import { describeNetworks } from '../input/find-networks';
import { sayInstead } from '../input/say-guesses';
import type { Inspection } from './inspect-file';

const HEADINGS = ['file', 'family', 'space', 'size', 'writer', 'tensor'];

/** A row of the table, and the lines beneath it. */
interface Row {
  cells: string[];
  notes: string[];
}

/**
 * What was understood of files, as a table for people: a row for each latent, model and error. The guesses that are not
 * sure stand beneath the rows of their file. Sizes are in latent positions.
 */
export function tabulateInspections(inspections: readonly Inspection[]): string[] {
  const rows = inspections.flatMap(toRows);
  const headings = inspections.some(({ latents }) => latents.length > 0)
    ? [{ cells: HEADINGS, notes: [] }]
    : [];
  const table = [...headings, ...rows];
  // The last cell of a row may be a sentence, which makes no column wider.
  const widths = HEADINGS.map((_, column) =>
    Math.max(0, ...table.map(({ cells }) => (column < cells.length - 1 ? cells[column]!.length : 0))),
  );
  return table.flatMap(({ cells, notes }) => [
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
    ...notes.map((note) => `  ${note}`),
  ]);
}

function toRows({ file, latents, models, error }: Inspection): Row[] {
  const rows = [
    ...latents.map(({ family, space, dims: [, height, width], writer, tensor, item }) => {
      const which = latents.length > 1 || item > 1 ? `-${item}` : '';
      return [`${file}${which}`, family, space, `${width}x${height}`, writer || '-', tensor || '-'];
    }),
    ...models.map((model) => [file, `model, ${describeNetworks({ ...model, keep: [] })}`]),
    ...(error ? [[file, `${error.message} [${error.code}]`]] : []),
  ];
  const last = rows.length - 1;
  return rows.map((cells, at) => ({ cells, notes: at === last ? listNotes(latents) : [] }));
}

/** The items of a batch are mostly alike, so each guess and each remark is said once. */
function listNotes(latents: Inspection['latents']): string[] {
  const guesses = latents.flatMap((latent) => latent.guesses).filter(({ confidence }) => confidence < SURE);
  const said = guesses.map((guess) => {
    const { what, value, confidence, reason } = guess;
    return `${what} ${value}: ${Math.round(confidence * 100)} %. ${reason}${sayInstead(guess)}`;
  });
  return [...new Set([...said, ...latents.flatMap(({ remarks }) => remarks)])];
}
