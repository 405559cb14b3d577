import { COMMIT, FILE, KEEP, makeVae, REPO, vaeFile } from './hub-checkpoint';
import { type HubServer, startHub } from './hub-server';

/** The VAE's tensors, its file, and those of its tensors that are needed to decode. */
export const TENSORS = makeVae();
export const VAE = vaeFile(TENSORS);
export const WANTED = TENSORS.filter(({ name }) => KEEP.some((prefix) => name.startsWith(prefix)));

export interface VaeHub {
  hub: HubServer;
  /** The VAE's address, as people copy it. */
  link: string;
  /** The path to which the hub redirects a request for the VAE. */
  content: string;
}

/** Starts a hub that has the VAE. */
export async function startVaeHub(bytes = VAE): Promise<VaeHub> {
  const hub = await startHub();
  const content = hub.putModel({ repo: REPO, path: FILE, bytes, commit: COMMIT });
  return { hub, content, link: `${hub.origin}/${REPO}/resolve/main/${FILE}` };
}
