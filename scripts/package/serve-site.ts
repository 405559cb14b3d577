import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { preview } from 'vite';
import type { Bundler } from './bundlers.ts';

export interface Site {
  url: string;
  close(): Promise<void>;
}

/** @throws Error when the server does not answer within half a minute */
export async function serveSite(folder: string, serve: Bundler['serve']): Promise<Site> {
  const port = await findPort();
  const url = `http://localhost:${port}/`;
  if ('folder' in serve) {
    const server = await preview({
      configFile: false,
      root: folder,
      logLevel: 'silent',
      build: { outDir: join(folder, serve.folder) },
      preview: { port, strictPort: true, host: 'localhost' },
    });
    return { url, close: () => server.close() };
  }
  const [command, ...options] = serve.command;
  // A group of its own, as npx starts another process.
  const server = spawn(command, [...options, `${port}`], { cwd: folder, detached: true, stdio: 'ignore' });
  const close = async () => {
    if (server.exitCode !== null) return;
    process.kill(-server.pid!);
    await once(server, 'exit');
  };
  for (let tries = 0; tries < 60; tries++) {
    if (await fetch(url).catch(() => undefined)) return { url, close };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await close();
  throw new Error(`${serve.command.join(' ')} ${port} does not answer.`);
}

/** One that is free. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
