import { LATENT_ENDINGS } from '../formats';
import { joinWords } from '../join-words';
import { FAMILY_IDS, LATENT_OUTPUTS } from '../latent';

const OUTPUTS = LATENT_OUTPUTS.map(({ name }) => name);

export const USAGE = `Usage: latent-leap upscale FILE... --out DIR [options]
       latent-leap inspect FILE... [--json] [options]
       latent-leap copy-models DIR [--family A,B]

upscale enlarges diffusion latents in latent space, decodes them and writes PNG pictures.
inspect prints a table of what is in the files and computes nothing; --json prints one object a line.
copy-models puts the files of the embedded models into a folder, for pages that serve them.
upscale and inspect read files with a latent: ${joinWords(LATENT_ENDINGS)}.
The content decides, not the extension.

  --out DIR             folder for the pictures; it is made if it does not exist
  --overwrite           replace files of earlier runs; without it new ones are numbered
  --scale N             factor from 1 (only decodes) to 4; default 2. The method lua
                        enlarges by 2 or 4 only; for other factors choose another
                        method: --scale 1.5 --method bicubic
  --method NAME         lua (the default), bicubic (in latent space), pixels (decodes, then enlarges
                        the picture by Lanczos), or an upscaler: its id in the catalogue, or its file
                        (.safetensors, .pt and .pth for latents, .onnx for pictures)
  --passes 1|2          2 runs a latent upscaler twice, each time by the square root of the scale
  --save-latent [FORMAT]  also write the upscaled latent: ${joinWords(OUTPUTS, 'or')};
                        without a FORMAT safetensors

What the file does not say, or says wrongly:
  --family NAME         ${joinWords(FAMILY_IDS, 'or')}
  --space model|decoder the space of the file's values
  --width N --height N  size of a packed latent, in latent positions
  --layout NAME         unpacked, packed or patchified
  --tensor NAME         which of several tensors
  --item N              which item of a batch, counted from 1, by the number that inspect shows
  --batch-norm FILE     a VAE of FLUX.2 with a batch norm of its own
A guess that is less than 90 % sure is printed on the error output: how sure it is, why, and the
option that changes it. Where the family is less than 10 % sure, upscale asks for --family.

How it is computed:
  --backend cpu|webgpu  default cpu
  --precision auto|fp16|fp32   fp16 needs --backend webgpu
  --threads N           default: all cores
  --tile N              largest tile edge, in positions of the upscaled latent
  --lua ID|FILE --decoder ID|FILE  models of the catalogue by name, or checkpoints
  --models DIR|URL      folder with catalog.json; default: the models of this package

  --help, --version

Exit codes: 0 every file was done, 1 some files failed, 2 the command was not understood.
`;
