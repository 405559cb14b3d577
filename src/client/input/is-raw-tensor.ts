/** Values with their shape, as code hands them over; tensors of onnxruntime look like that, too. */
export function isRawTensor<T>(input: T): input is Extract<T, { data: unknown; dims: unknown }> {
  return typeof input === 'object' && input !== null && 'data' in input && 'dims' in input;
}
