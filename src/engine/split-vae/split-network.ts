import {
  buildKlAttention,
  buildKlPiece,
  describeKlPiece,
  KL_NORM,
  type KlStatistics,
  type KlSteps,
} from '../../graph';
import type { Precision, WeightsFile } from '../../graph/types';
import { type Affine, IDENTITY } from '../device/runtime';
import type { Network, SplitNetwork } from '../network';

const PLACEHOLDER: KlStatistics = {
  mean: new Float64Array(KL_NORM.groups),
  variance: new Float64Array(KL_NORM.groups).fill(1),
};

/** @param affineIn of the network's own input */
export function splitKl(
  key: string,
  {
    steps,
    files,
    weights,
    affineIn,
  }: {
    steps: KlSteps;
    files: WeightsFile[];
    weights: Network['weights'];
    affineIn: Affine;
  },
): SplitNetwork {
  const { part, layout } = steps;
  const unknown = new Map(steps.steps.flatMap(({ norms }) => norms.map((name) => [name, PLACEHOLDER])));
  return {
    steps,
    piece(piece, statistics) {
      const { scale, channels, halo, align } = describeKlPiece(steps, piece);
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
          buildKlPiece(part, { weights: files, height, width, precision, piece, statistics: values }),
      };
    },
    attention(queries, statistics) {
      const { norm } = layout.attention!;
      return {
        key: `${key} attention of ${queries} ${statistics?.id ?? ''}`,
        scale: 1,
        channels: layout.table.get(`${norm}.weight`).shape[0]! + 1,
        overlap: null,
        affineIn: IDENTITY,
        affineOut: IDENTITY,
        weights,
        build: (_, positions, precision) => {
          const options = { weights: files, queries, keys: positions - queries, precision };
          return buildKlAttention(part, {
            ...options,
            statistics: statistics?.values.get(norm) ?? PLACEHOLDER,
          });
        },
      };
    },
  };
}
