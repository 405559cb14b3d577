import { copyFileSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SOURCE = fileURLToPath(new URL('../public/models/', import.meta.url));
const USAGE = 'Usage: latent-leap copy-models DIR [--family flux1,sdxl]';

/**
 * Copies the embedded models to a folder that a web server serves, with a catalogue of what is there. Families that an
 * earlier call has copied there stay. Models of the hub stay in the catalogue: they are fetched from there.
 *
 * @param {string[]} options
 * @param {{ log(text: string): void, error(text: string): void }} terminal
 * @returns {number} the exit code
 */
export function copyModels(options, terminal) {
  const refuse = (fault) => {
    terminal.error(`latent-leap: ${fault}\n${USAGE}`);
    return 2;
  };
  let asked;
  try {
    asked = parse(options);
  } catch (error) {
    // What follows is about folders whose names begin with a hyphen.
    return refuse(`${error.message.split(/\.\s/)[0]}.`);
  }
  if (asked.help) {
    terminal.log(USAGE);
    return 0;
  }
  const fault = findFault(asked);
  if (fault) return refuse(fault);
  const { families } = asked;
  const [folder] = asked.folders;
  try {
    return copyTo(folder, families, terminal);
  } catch (error) {
    terminal.error(`latent-leap: the models cannot be copied to ${folder}: ${error.message}`);
    return 1;
  }
}

function copyTo(folder, families, terminal) {
  const catalog = JSON.parse(readFileSync(join(SOURCE, 'catalog.json'), 'utf8'));
  const known = [...new Set(catalog.models.map(({ family }) => family))];
  const unknown = families?.filter((family) => !known.includes(family)) ?? [];
  if (unknown.length > 0) {
    terminal.error(`latent-leap: there is no family ${unknown.join(', ')}, only ${known.join(', ')}.`);
    return 2;
  }
  const before = familiesIn(folder).filter((family) => known.includes(family));
  const wanted = families && new Set([...families, ...before]);
  // An upscaler of pictures fits every family.
  const fits = ({ family, kind }) => !wanted || wanted.has(family) || kind === 'enlarger';
  const models = catalog.models.filter(fits);
  const embedded = models.filter((model) => model.embedded);
  const files = new Map(embedded.flatMap((model) => model.files).map((file) => [file.path, file.bytes]));
  makeFolder(resolve(folder));
  if (realpathSync(folder) === realpathSync(SOURCE)) {
    terminal.error(`latent-leap: the models are in ${folder} already. Name a folder of your own page.`);
    return 2;
  }
  for (const path of files.keys()) copyFileSync(join(SOURCE, path), join(folder, path));
  // The graphs for other runtimes are not copied, so they are not named either.
  const kept = models.map((model) => ({ ...model, graphs: [] }));
  writeFileSync(join(folder, 'catalog.json'), `${JSON.stringify({ ...catalog, models: kept }, null, 2)}\n`);
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  const stayed = before.filter((family) => families && !families.includes(family));
  const also = stayed.length ? `; with ${stayed.join(' and ')} from before` : '';
  terminal.log(`${files.size} files, ${(bytes / 1e6).toFixed(1)} MB, and catalog.json in ${folder}${also}`);
  return 0;
}

/** Node's own way of making the folders above never returns where the system refuses them as missing, as in /proc. */
function makeFolder(path) {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Whose embedded models a catalogue that is there already lists. */
function familiesIn(folder) {
  try {
    const { models } = JSON.parse(readFileSync(join(folder, 'catalog.json'), 'utf8'));
    const embedded = models.filter((model) => model.embedded && model.kind !== 'enlarger');
    return [...new Set(embedded.map(({ family }) => family))];
  } catch {
    return [];
  }
}

/** @throws TypeError of `parseArgs`, in words for who typed it */
function parse(options) {
  const { values, positionals } = parseArgs({
    args: options,
    options: { family: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const families = values.family?.flatMap((list) => list.split(',').map((name) => name.trim()));
  return { folders: positionals, families, help: values.help };
}

/** What is wrong with what was typed. */
function findFault({ folders, families }) {
  if (!folders[0]) return 'the folder is missing.';
  if (folders.length > 1) return `one folder, not ${folders.length}: ${folders.join(', ')}.`;
  return families?.includes('') ? '--family needs the name of a family.' : undefined;
}
