import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** What documents say of the pictures' quality is what `evaluate.py` wrote into the model card. */

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** The cells of a document's tables, a row each. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(1, -1).split('|'))
    .map((cells) => cells.map((cell) => cell.replaceAll('*', '').trim()));

/** 'pair x2, flux1, LUA, leap decoder' -> PSNR, SSIM, and the distances and the energy. */
const CARD = new Map(
  rowsOf(read('public/models/MODEL_CARD.md')).map(([what, family, method, ...numbers]) => [
    [what, family, method].join(', '),
    numbers.map(Number),
  ]),
);

const WAYS: Record<string, string> = {
  LUA: 'LUA, leap decoder',
  'decode, then bicubic': 'leap decoder, bicubic',
  'decode, then SPAN': 'leap decoder, SPAN',
  'bicubic in latent space': 'bicubic latent, leap decoder',
  'LUA and our decoder': 'LUA, leap decoder',
  'LUA, then TAESD': 'LUA, TAESD',
  'TAESD, then bicubic': 'TAESD, bicubic',
  'TAESD, then SPAN': 'TAESD, SPAN',
  'our encoder, our decoder': 'leap encoder, leap decoder',
  'our encoder, TAESD': 'leap encoder, TAESD',
  'our encoder, LUA, our decoder': 'leap encoder, LUA, leap decoder',
};

const FAMILIES = ['flux1', 'sd3', 'sdxl', 'sd15', 'flux2'];

/** Columns of the card: PSNR, SSIM, Lite0, Lite1, energy. */
const [PSNR, LITE0, LITE1, ENERGY] = [0, 2, 3, 4];

/** Of a row: the document that has it, its label with the factor and the way, and the columns that it has. */
const TABLES: { document: string; row: RegExp; columns: number[]; least: number; what?: string }[] = [
  { document: 'docs/benchmarks.md', row: /^x([24]): (.*)$/, columns: [PSNR, LITE1, ENERGY], least: 6 },
  {
    document: 'docs/benchmarks.md',
    row: /^(TAESD, then .*|LUA, then TAESD)$/,
    columns: [PSNR, LITE1, ENERGY],
    least: 3,
  },
  {
    document: 'training/results.md',
    row: /^x([24]), (LUA|decode, then (?:bicubic|SPAN))$/,
    columns: [PSNR, LITE0, LITE1, ENERGY],
    least: 6,
  },
  {
    document: 'training/results.md',
    row: /^x([24]), (LUA and our decoder|LUA, then TAESD|TAESD, then .*)$/,
    columns: [PSNR, LITE1, ENERGY],
    least: 4,
  },
  ...['docs/benchmarks.md', 'training/results.md'].flatMap((document) => [
    {
      document,
      row: /^(our encoder, (?:our decoder|TAESD))$/,
      columns: [PSNR, LITE1, ENERGY],
      least: 2,
      what: 'encode',
    },
    { document, row: /^(our encoder, LUA, our decoder)$/, columns: [PSNR, LITE1, ENERGY], least: 1 },
  ]),
];

/** A number as a document has it, and as the card has it. */
interface Said {
  where: string;
  text: string;
  known: number | undefined;
}

/** All numbers of a row: a cell for each family, with a number for each column. */
function listSaid(
  label: string,
  cells: readonly string[],
  { row, columns, what }: (typeof TABLES)[number],
): Said[] {
  const found = row.exec(label)!;
  const [scale, way] = found.length > 2 ? [found[1], found[2]] : ['2', found[1]];
  return FAMILIES.flatMap((family, at) => {
    const known = CARD.get([what ?? `pair x${scale}`, family, WAYS[way!]].join(', '));
    const texts = cells[at]!.split('/').map((one) => one.trim());
    return texts.map((text, i) => ({ where: `${label}, ${family}`, text, known: known?.[columns[i]!] }));
  });
}

describe.each(TABLES)('$document, rows $row', (table) => {
  const { document, row, columns, least } = table;
  it('is the model card, rounded', () => {
    // The same rows are given for other pictures further down.
    const first = new Map(
      rowsOf(read(document))
        .filter(([label, cell]) => row.test(label!) && cell!.split('/').length === columns.length)
        .toReversed()
        .map(([label, ...cells]) => [label!, cells]),
    );
    expect(first.size).toBeGreaterThanOrEqual(least);
    for (const { where, text, known } of [...first].flatMap((one) => listSaid(...one, table))) {
      expect(known, `${where} in the model card`).toBeDefined();
      const unit = 10 ** -(text.split('.')[1]?.length ?? 0);
      expect(Math.abs(Number(text) - known!), `${where}: ${text}`).toBeLessThanOrEqual(unit / 2 + 1e-9);
    }
  });
});
