import { FAMILY_IDS } from '../latent';

export const USAGE = `Usage: latent-leap upscale FILE... --out DIR [options]

Upscales diffusion latents in latent space, decodes them and writes PNG pictures.
Reads ComfyUI .latent, .safetensors, .npy, .npz and torch.save files (.pt, .pth), by their content.

  --out DIR             where the pictures go; made if it does not exist
  --scale 1|2|4         default 2; 1 only decodes
  --method lua|bicubic  default lua
  --save-latent         also write the upscaled latent as .safetensors

What the file does not say, or says wrongly:
  --family NAME         ${FAMILY_IDS.slice(0, -1).join(', ')} or ${FAMILY_IDS.at(-1)}
  --space model|decoder the space of the file's values
  --width N --height N  size of a packed latent, in latent positions

How it is computed:
  --backend cpu|webgpu  default cpu
  --precision auto|fp16|fp32   fp16 needs --backend webgpu
  --threads N           default: all cores
  --tile N              largest tile edge, in positions of the upscaled latent
  --lua ID --decoder ID models of the catalogue, by name
  --models DIR|URL      folder with catalog.json; default: the models that come along

  --help, --version

Exit codes: 0 every file was written, 1 some failed, 2 the command could not be understood.
`;
