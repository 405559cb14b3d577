/** First and second moments of vectors of C channels: mean [C], and E[x x^T] [C][C]. */
export interface ChannelMoments {
  mean: number[];
  second: number[][];
}

/** The moments of y = x * scale + shift, channel by channel. */
export function mapChannels(
  { mean, second }: ChannelMoments,
  scale: readonly number[],
  shift: readonly number[],
): ChannelMoments {
  const scaled = mean.map((value, c) => value * scale[c]!);
  return {
    mean: scaled.map((value, c) => value + shift[c]!),
    second: second.map((row, c) =>
      row.map(
        (value, d) =>
          value * scale[c]! * scale[d]! +
          scaled[c]! * shift[d]! +
          scaled[d]! * shift[c]! +
          shift[c]! * shift[d]!,
      ),
    ),
  };
}

/** The moments of y = x * scale + independent noise of that deviation. */
export function gain({ mean, second }: ChannelMoments, scale: number, noise: number): ChannelMoments {
  return {
    mean: mean.map((value) => value * scale),
    second: second.map((row, c) =>
      row.map((value, d) => value * scale * scale + (c === d ? noise * noise : 0)),
    ),
  };
}

/** The moments of y = R x, where the seed gives the orthogonal matrix R. */
export function rotate({ mean, second }: ChannelMoments, seed: number): ChannelMoments {
  const rotation = orthogonal(mean.length, seed);
  const rotated = rotation.map((row) =>
    second.map((_, d) =>
      dot(
        row,
        second.map((line) => line[d]!),
      ),
    ),
  );
  return {
    mean: rotation.map((row) => dot(row, mean)),
    second: rotated.map((row) => rotation.map((other) => dot(row, other))),
  };
}

/** Each channel with mean 0 and deviation 1 over all pictures together. */
export function normalise(pictures: readonly ChannelMoments[]): ChannelMoments[] {
  const channels = pictures[0]!.mean.length;
  const average = (pick: (one: ChannelMoments, c: number) => number) =>
    Array.from({ length: channels }, (_, c) =>
      pictures.reduce((sum, one) => sum + pick(one, c) / pictures.length, 0),
    );
  const mean = average((one, c) => one.mean[c]!);
  const power = average((one, c) => one.second[c]![c]!);
  const scale = mean.map((value, c) => 1 / Math.sqrt(power[c]! - value * value));
  return pictures.map((one) =>
    mapChannels(
      one,
      scale,
      mean.map((value, c) => -value * scale[c]!),
    ),
  );
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);

/** Rows of normal numbers, made orthonormal one after the other (Gram-Schmidt): every rotation is equally likely. */
function orthogonal(size: number, seed: number): number[][] {
  let state = seed;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  // Neighbouring seeds begin alike.
  for (let i = 0; i < 16; i++) uniform();
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const rows: number[][] = [];
  while (rows.length < size) {
    let row = Array.from({ length: size }, normal);
    for (const other of rows) {
      const along = dot(row, other);
      row = row.map((value, at) => value - along * other[at]!);
    }
    const length = Math.sqrt(dot(row, row));
    rows.push(row.map((value) => value / length));
  }
  return rows;
}
