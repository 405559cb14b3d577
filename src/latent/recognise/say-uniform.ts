/** A remark on a latent without a picture in it; none on others. */
export function sayUniform(data: Float32Array): string[] {
  const first = data[0];
  if (data.some((value) => value !== first)) return [];
  return [`All values are ${first}: there is no picture in it.`];
}
