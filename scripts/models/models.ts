import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseCatalog } from '../../src/weights';
import { writeModels } from './write-models';

/**
 * `npm run models [-- FOLDER]` writes the `.onnx` graphs and `catalog.json` for the weights in public/models. The
 * models of the hub come from `hub-models.json`, which is written by hand.
 *
 * The page needs only the catalogue, because its worker builds graphs itself. The `.onnx` files are for other runtimes.
 */
const folder = process.argv[2] ?? fileURLToPath(new URL('../../public/models', import.meta.url));
const written = await readFile(new URL('hub-models.json', import.meta.url), 'utf8');
const hub = parseCatalog({ version: 1, models: JSON.parse(written) }, 'https://huggingface.co/').models;
const { catalog, graphs } = await writeModels(folder, hub);
const bytes = graphs.reduce((sum, graph) => sum + graph.bytes, 0);
console.log(`${catalog.models.length} models, ${graphs.length} graphs of ${bytes} bytes in ${folder}`);
