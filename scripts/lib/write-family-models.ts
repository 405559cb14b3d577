import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Catalog } from '../../src/weights/types.ts';

/**
 * Writes `dist/models/<family>.js` for each family: its embedded models, with the address of each file in the form that
 * bundlers follow. Whoever imports one carries the files of that family and no others.
 */
const MODELS = new URL('../../public/models/', import.meta.url);
const FOLDER = new URL('../../dist/models/', import.meta.url);
const TYPES = `import type { FamilyModels } from '../types/client/options/create-options.js';
declare const models: FamilyModels;
export default models;
`;

const catalog = JSON.parse(readFileSync(new URL('catalog.json', MODELS), 'utf8')) as Catalog;
mkdirSync(fileURLToPath(FOLDER), { recursive: true });
for (const family of new Set(catalog.models.map((model) => model.family))) {
  const models = catalog.models
    .filter((model) => model.embedded && model.family === family)
    .map((model) => ({ ...model, graphs: [] }));
  if (models.length === 0) continue;
  const paths = new Set(models.flatMap(({ files }) => files.map(({ path }) => path)));
  const files = [...paths].map(
    (path) => `    ${JSON.stringify(path)}: new URL("../../public/models/${path}", import.meta.url).href,`,
  );
  const code = `export default {\n  models: ${JSON.stringify(models)},\n  files: {\n${files.join('\n')}\n  },\n};\n`;
  writeFileSync(new URL(`${family}.js`, FOLDER), code);
  writeFileSync(new URL(`${family}.d.ts`, FOLDER), TYPES);
}
