import { COMMIT, FILE, KEEP, makeVae, REPO, vaeFile } from './hub-checkpoint';
import { type HubServer, startHub } from './hub-server';

/** The VAE's tensors, its file, and those of its tensors that are needed to decode. */
export const TENSORS = makeVae();
export const VAE = vaeFile(TENSORS);
export const WANTED = TENSORS.filter(({ name }) => KEEP.some((prefix) => name.startsWith(prefix)));

/** Starts a hub that has the VAE. @returns the hub, and the content address to which it redirects a request for the VAE */
export async function startVaeHub(): Promise<{ hub: HubServer; content: string }> {
  const hub = await startHub();
  return { hub, content: hub.putModel({ repo: REPO, path: FILE, bytes: VAE, commit: COMMIT }) };
}
