import { CHECK, checkInput } from '../../graph';

/** The answer to the check graph, [6, 12, 10], worked out by plain loops in double precision. */
export function checkAnswer(): Float64Array {
  const input = checkInput();
  const { height, width, features, outputs, scale } = CHECK;
  const picture = convolve(input);
  const tokens = Array.from({ length: height * width }, (_, t) =>
    Array.from({ length: features }, (_, c) => picture[c * height * width + t]!),
  );
  const mixed = attend(tokens).map((row, t) => row.map((value, c) => gelu(value + tokens[t]![c]!)));

  const [fullHeight, fullWidth] = [height * scale, width * scale];
  const plane = fullHeight * fullWidth;
  const answer = new Float64Array(outputs * plane);
  for (let c = 0; c < outputs; c++) {
    for (let y = 0; y < fullHeight; y++) {
      for (let x = 0; x < fullWidth; x++) {
        const token = Math.floor(y / scale) * width + Math.floor(x / scale);
        const shuffledChannels = features / scale ** 2;
        answer[c * plane + y * fullWidth + x] =
          c < shuffledChannels
            ? mixed[token]![c * scale ** 2 + (y % scale) * scale + (x % scale)]!
            : enlarged(input, c - shuffledChannels, y, x);
      }
    }
  }
  return answer;
}

/** 3x3, zeros outside, then the leaky rectifier. */
function convolve(input: number[]): Float64Array {
  const { channels, height, width, features, convWeight, convBias, leak } = CHECK;
  const result = new Float64Array(features * height * width);
  for (let o = 0; o < features; o++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = convBias[o]!;
        for (let c = 0; c < channels; c++) {
          for (let i = 0; i < 9; i++) {
            const [row, column] = [y + Math.floor(i / 3) - 1, x + (i % 3) - 1];
            if (row < 0 || column < 0 || row >= height || column >= width) continue;
            sum += convWeight[(o * channels + c) * 9 + i]! * input[(c * height + row) * width + column]!;
          }
        }
        result[(o * height + y) * width + x] = sum < 0 ? sum * leak : sum;
      }
    }
  }
  return result;
}

function attend(tokens: number[][]): number[][] {
  const { features, project } = CHECK;
  const normed = tokens.map(normalise);
  return normed.map((row) => {
    const query = row.map((_, j) =>
      row.reduce((sum, value, i) => sum + value * project[i * features + j]!, 0),
    );
    const scores = normed.map(
      (key) => key.reduce((sum, value, i) => sum + value * query[i]!, 0) / Math.sqrt(features),
    );
    const largest = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return row.map((_, c) => normed.reduce((sum, value, t) => sum + (weights[t]! / total) * value[c]!, 0));
  });
}

function normalise(row: number[]): number[] {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  const deviation = Math.sqrt(variance + CHECK.epsilon);
  return row.map((value, c) => ((value - mean) / deviation) * CHECK.normWeight[c]! + CHECK.normBias[c]!);
}

/** x/2 (1 + erf(x/sqrt 2)); erf by its power series, exact enough for the few units that occur here. */
function gelu(x: number): number {
  const z = x / Math.SQRT2;
  let term = z;
  let sum = z;
  for (let n = 1; n < 100; n++) {
    term *= -(z * z) / n;
    sum += term / (2 * n + 1);
  }
  return (x / 2) * (1 + (2 / Math.sqrt(Math.PI)) * sum);
}

/** One value of the input enlarged by the cubic kernel with a = -0.75, edges repeated, half-pixel centres. */
function enlarged(input: number[], c: number, y: number, x: number): number {
  const { height, width, scale } = CHECK;
  const clamp = (i: number, length: number) => Math.min(length - 1, Math.max(0, i));
  const [atY, atX] = [(y + 0.5) / scale - 0.5, (x + 0.5) / scale - 0.5];
  let sum = 0;
  for (let i = -1; i <= 2; i++) {
    for (let j = -1; j <= 2; j++) {
      const [row, column] = [Math.floor(atY) + i, Math.floor(atX) + j];
      const value = input[(c * height + clamp(row, height)) * width + clamp(column, width)]!;
      sum += value * cubic(atY - row) * cubic(atX - column);
    }
  }
  return sum;
}

function cubic(distance: number): number {
  const a = -0.75;
  const d = Math.abs(distance);
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0;
}
