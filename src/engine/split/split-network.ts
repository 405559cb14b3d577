import {
  attentionOf,
  buildAttentionPart,
  buildPiece,
  describePiece,
  type Statistics,
  type StepList,
} from '../../graph';
import type { Precision } from '../../graph/types';
import { type Affine, IDENTITY } from '../device/runtime';
import type { Network, SplitNetwork } from '../network';

/**
 * A network that sees everything at once as pieces that can be run on tiles.
 *
 * @param key names the network
 * @param affineIn of the network's own input
 */
export function splitNetwork(
  key: string,
  { steps, weights, affineIn }: { steps: StepList; weights: Network['weights']; affineIn: Affine },
): SplitNetwork {
  const { groups } = steps.norm;
  const placeholder: Statistics = {
    mean: new Float64Array(groups),
    variance: new Float64Array(groups).fill(1),
  };
  const unknown = new Map(steps.steps.flatMap(({ norms }) => norms.map((name) => [name, placeholder])));
  return {
    steps,
    piece(piece, statistics) {
      const { scale, channels, halo, align } = describePiece(steps, piece);
      const values = statistics?.values ?? unknown;
      return {
        key: `${key} ${piece.from}-${piece.to}.${piece.norm ?? ''} ${statistics?.id ?? ''}`,
        scale,
        channels,
        overlap: { halo, fade: 0, align },
        affineIn: piece.from === 0 ? affineIn : IDENTITY,
        affineOut: IDENTITY,
        weights,
        build: (height: number, width: number, precision: Precision) =>
          buildPiece(steps, { height, width, precision, piece, statistics: values }),
      };
    },
    attention(step, queries, statistics) {
      const { norm } = attentionOf(steps, step)!;
      return {
        key: `${key} attention ${step} of ${queries} ${statistics?.id ?? ''}`,
        scale: 1,
        channels: steps.steps[step]!.inputs + 1,
        overlap: null,
        affineIn: IDENTITY,
        affineOut: IDENTITY,
        weights,
        build: (_, positions, precision) =>
          buildAttentionPart(steps, {
            step,
            queries,
            keys: positions - queries,
            precision,
            statistics: statistics?.values.get(norm) ?? placeholder,
          }),
      };
    },
  };
}
