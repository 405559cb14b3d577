import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FamilyId } from '../../latent/types';
import { makeTestModels } from './test-models';

/** Small random models of the families behind an address. */
export async function serveTestModels(families: FamilyId[]): Promise<{ models: string; close(): void }> {
  const { catalog, files } = makeTestModels(families);
  const server = createServer((request, response) => {
    const name = request.url!.slice(1);
    response.end(name === 'catalog.json' ? JSON.stringify(catalog) : files.get(name));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return { models: `http://localhost:${port}/`, close: () => server.close() };
}
