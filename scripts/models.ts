import { fileURLToPath } from 'node:url';
import { writeModels } from './write-models';

/**
 * `npm run models [-- FOLDER]`: the `.onnx` graphs and `catalog.json` for the weights in public/models.
 *
 * The page needs the catalogue only: its worker builds graphs by itself. The `.onnx` files serve other runtimes.
 */
const folder = process.argv[2] ?? fileURLToPath(new URL('../public/models', import.meta.url));
const { catalog, graphs } = await writeModels(folder);
const bytes = graphs.reduce((sum, graph) => sum + graph.bytes, 0);
console.log(`${catalog.models.length} models, ${graphs.length} graphs of ${bytes} bytes in ${folder}`);
