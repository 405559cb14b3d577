import type { ErrorCode, LeapError } from '../../client';
import { ENLARGER_FACTORS, ENLARGER_FACTORS_TAKEN } from '../../factor';
import { LATENT_ENDINGS } from '../../formats/containers';
import { joinWords } from '../../join-words';
import { FAMILY_LABELS } from './family-labels';

/** An error in the page's words: what happened, in the error's own message, and what a person can do now. */
export interface Explanation {
  title: string;
  message: string;
  /** Empty where the message says it already. */
  advice: string;
  /** True when the same attempt may well succeed a second time. */
  retry: boolean;
}

/** Somebody has dropped a file of another kind from the same program. */
const NEIGHBOUR_ADVICE = `This page enlarges latents of ${joinWords(Object.values(FAMILY_LABELS))}. In ComfyUI, put the node SaveLatent behind the sampler of such a model and drop its .latent file here. Models can be added too: decoders (VAE, TAESD), latent upscalers (LUA), and upscalers of pictures (.onnx).`;

const EXPLANATIONS: Record<ErrorCode, Omit<Explanation, 'message'>> = {
  'unknown-format': {
    title: 'Not a latent file',
    advice: `Drop a file with a latent in it (${joinWords(LATENT_ENDINGS, 'or')}), or a picture.`,
    retry: false,
  },
  'file-refused': {
    title: 'The file cannot be opened',
    advice: 'Check that it is still there and that you may read it, then drop it again.',
    retry: true,
  },
  'damaged-file': {
    title: 'The file is damaged',
    advice: 'Save or copy it again; a download may have stopped early.',
    retry: false,
  },
  unsupported: {
    title: 'This kind of latent is not supported',
    advice:
      'Save the latent of one picture as floating-point numbers, for example as .latent or .safetensors.',
    retry: false,
  },
  'too-large': { title: 'Too large', advice: 'Use a smaller file, latent or factor.', retry: false },
  'not-a-latent': {
    title: 'Not a latent',
    advice: 'Check that the file holds the latent, and not the picture or something else.',
    retry: false,
  },
  ambiguous: {
    title: 'More than one reading fits',
    advice: 'Choose the one that is right.',
    retry: false,
  },
  'bad-option': {
    title: 'A setting does not fit',
    advice: 'Change the setting and run again.',
    retry: false,
  },
  'no-model': {
    title: 'No model for this latent',
    advice: 'Choose another family, if the guess is wrong.',
    retry: false,
  },
  'download-failed': {
    title: 'A file could not be fetched',
    advice: 'Check the connection, then try again. What has arrived of a model is kept.',
    retry: true,
  },
  gated: {
    title: 'The model’s page asks for consent first',
    advice: 'Accept the licence on the model’s page, download the file there and drop it here.',
    retry: false,
  },
  'forbidden-address': {
    title: 'Models may not come from there',
    advice: 'Download the file and drop it here.',
    retry: false,
  },
  'hash-mismatch': {
    title: 'A model arrived damaged',
    advice:
      'Reload the page: it may have been updated meanwhile. If it happens again, the file on the server is not the one that this page expects.',
    retry: true,
  },
  'bad-weights': {
    title: 'A model file is not what it should be',
    advice:
      'If you added this model, its file is incomplete or of another kind: remove it and add a whole one. If you did not, delete the stored models, then try again.',
    retry: true,
  },
  quota: {
    title: 'The browser’s storage is full',
    advice: 'Delete stored models or other site data.',
    retry: true,
  },
  'no-backend': {
    title: 'This browser cannot run the model',
    advice: 'Use a current Chrome, Edge, Firefox or Safari; WebAssembly must be allowed.',
    retry: true,
  },
  'device-lost': {
    title: 'The graphics card stopped answering',
    advice: 'Try again. If it happens twice, close other programs that use it.',
    retry: true,
  },
  'out-of-memory': {
    title: 'Out of memory',
    advice: 'Close other tabs and try again, or use a smaller factor or latent.',
    retry: true,
  },
  'bad-output': {
    title: 'The result was not a picture',
    advice: 'It came out empty or broken. Check the family and the space of the file beside the picture.',
    retry: true,
  },
  cancelled: { title: 'Cancelled', advice: 'Run it again when you like.', retry: true },
  'worker-died': {
    title: 'The browser stopped the work',
    advice:
      'Most likely it ran out of memory. Close other tabs, or use a smaller factor or latent, and try again.',
    retry: true,
  },
  closed: { title: 'The work was stopped', advice: 'Try again.', retry: true },
  internal: {
    title: 'Something went wrong',
    advice:
      'Try again. If it keeps happening, please report it: the device line at the top of the page gives a text for that.',
    retry: true,
  },
};

/** The limit is fixed, so neither a second attempt nor closed tabs help. */
const TOO_LARGE_FOR_LIMIT = {
  advice: 'Use a smaller factor, a smaller latent or another model.',
  retry: false,
} as const;

const BROKEN_BEFORE_ADDED = {
  advice: 'The file is incomplete or of another kind, and was not added. Fetch it again, or add another one.',
  retry: false,
} as const;

/** @param factor the model's own */
function explainOtherFactor(factor: unknown): Partial<Explanation> {
  const advice = ENLARGER_FACTORS.some((asked) => asked === factor)
    ? 'Remove it in Models, then add it again with its own factor.'
    : `Upscalers of pictures enlarge by ${ENLARGER_FACTORS_TAKEN} here: remove it in Models, and add another one.`;
  return { title: 'This model has another factor', advice, retry: false };
}

const UNFIT_TO_ADD = { title: 'This file cannot be added as a model', advice: '' } as const;

/** @param error what the client rejected with */
export function explainError(error: LeapError): Explanation {
  const { code, message, detail } = error;
  if (code === 'unsupported' && typeof detail.looksLike === 'string') {
    const title = `This is ${detail.looksLike}, not a latent`;
    const advice = [detail.advice, NEIGHBOUR_ADVICE].filter((text) => typeof text === 'string').join(' ');
    return { title, message: '', advice, retry: false };
  }
  const explanation = { ...EXPLANATIONS[code], ...specialCase(error), message };
  return detail.complete ? { ...explanation, advice: '' } : explanation;
}

/** Where the code alone says too little. */
function specialCase({ code, detail }: LeapError): Partial<Explanation> {
  if ('stranger' in detail) return { title: EXPLANATIONS['unknown-format'].title };
  if (code === 'bad-weights' && detail.added === false) return BROKEN_BEFORE_ADDED;
  if (code === 'bad-weights' && 'factor' in detail) return explainOtherFactor(detail.factor);
  if (code === 'unsupported' && detail.added === false) return UNFIT_TO_ADD;
  if (code === 'out-of-memory' && detail.indivisible) return TOO_LARGE_FOR_LIMIT;
  if (code !== 'not-a-latent') return {};
  if ('found' in detail) return { title: 'No latent in it' };
  if ('bad' in detail) return { title: 'The values are broken' };
  if ('family' in detail)
    return { title: 'Not a latent of this family', advice: 'Choose another family beside the picture.' };
  return {};
}
