import type { Writable } from 'node:stream';

/**
 * Lets the command go on when nobody reads its lines any more, as behind `| head`: its pictures are still wanted.
 * Every other error of the stream is thrown.
 */
export function ignoreClosedPipe(stream: Writable): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
