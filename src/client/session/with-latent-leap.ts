import type { CreateOptions } from '../options/create-options';
import { createDecoderSession } from './decoder-session';
import type { DecoderSessionOptions, HostSession } from './session-options';

type HostOrt = NonNullable<CreateOptions['ort']>;
type NamedSession = HostSession & { inputNames?: readonly string[]; outputNames?: readonly string[] };

/**
 * Wraps the host's onnxruntime: a VAE decoder session made with it also enlarges. The decoder that was asked for is the
 * fallback. For generators that take an onnxruntime as an option.
 */
export function withLatentLeap<T extends HostOrt>(
  ort: T,
  options: Omit<DecoderSessionOptions, 'ort' | 'fallback' | 'transfer'>,
): T {
  const create = async (...args: never[]): Promise<unknown> => {
    const session = (await ort.InferenceSession.create(...args)) as NamedSession;
    return decodes(session) ? createDecoderSession({ ...options, ort, fallback: session }) : session;
  };
  return { ...ort, InferenceSession: { create } };
}

function decodes({ inputNames = [], outputNames = [] }: NamedSession): boolean {
  return inputNames.length === 1 && inputNames[0] === 'latent_sample' && outputNames.includes('sample');
}
