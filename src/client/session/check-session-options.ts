import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { DEFAULT_FACTOR } from '../../factor';
import { FAMILY_IDS } from '../../latent';
import type { ReadHints } from '../../latent/types';
import {
  checkCallback,
  checkFlag,
  checkNames,
  checkObject,
  checkOneOf,
  refuseOption,
  requireOneOf,
} from '../options/check';
import { checkHints, checkUpscaleOptions } from '../options/check-options';
import { refuseInNode } from '../options/refuse-in-node';
import { type DecoderSessionOptions, OF_SESSION, OPENING } from './session-options';

/**
 * Before anything is opened.
 * @returns what every `latent_sample` is read with
 * @throws LeapError `bad-option`
 */
export function checkSessionOptions(options: DecoderSessionOptions): ReadHints {
  checkObject('The options', options);
  refuseInNode(options, 'createDecoderSession');
  checkNames('The options of createDecoderSession', options, { ...OPENING, ...OF_SESSION });
  requireOneOf('The family', options.family, FAMILY_IDS);
  const { family, space = 'decoder', layout, width, height, batchNorm } = options;
  const hints = defined({ family, space, layout, width, height, batchNorm });
  checkHints(hints);
  checkTransfer(options);
  checkSize(options);
  checkPicture(options);
  return hints;
}

/** What each `run` would refuse, or leave to the fallback. @throws LeapError `bad-option` */
function checkPicture(options: DecoderSessionOptions): void {
  const { scale = DEFAULT_FACTOR, method, decoder, lua, passes, tile, check, output = {} } = options;
  checkUpscaleOptions(defined({ scale, method, decoder, lua, passes, tile, check }));
  checkObject('The option output', output);
  checkNames('The option output', output, { type: true, location: true });
  checkOneOf('output.type', output.type, ['float32', 'float16']);
  checkOneOf('output.location', output.location, ['cpu', 'gpu-buffer']);
}

/** @throws LeapError `bad-option` */
export function checkLocation({ output }: DecoderSessionOptions, device: object | undefined): void {
  if (output?.location !== 'gpu-buffer' || device) return;
  throw new LeapError(
    'bad-option',
    'The output\'s location "gpu-buffer" needs the device of the host: pass the option device, or ort of a host that has opened one.',
  );
}

/** @throws LeapError `bad-option` */
function checkSize({ size, width, height }: DecoderSessionOptions): void {
  checkCallback('The option size', size);
  if (!size || (width === undefined && height === undefined)) return;
  throw new LeapError(
    'bad-option',
    'The option size excludes width and height: it gives them at each run. Leave out one or the other.',
  );
}

/** @throws LeapError `bad-option` */
function checkTransfer({ transfer, fallback }: DecoderSessionOptions): void {
  if (fallback !== undefined && typeof fallback?.run !== 'function')
    refuseOption('The fallback', 'a session with a method run', fallback);
  checkFlag('The option transfer', transfer);
  if (!transfer || !fallback) return;
  throw new LeapError(
    'bad-option',
    'The options transfer and fallback exclude each other: a latent that was moved to the worker is not there for the fallback. Leave out one of them.',
  );
}
