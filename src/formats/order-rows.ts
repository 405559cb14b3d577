/**
 * Gathers a strided tensor into C order.
 * @param storage bytes of the storage, whole elements
 * @param shape sizes, slowest axis first
 * @param strides elements to step per axis, each >= 0; the caller has checked that every index is inside
 * @param offset first element
 * @param size bytes per element
 */
export function orderRows(
  storage: Uint8Array,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  size: number,
): Uint8Array {
  const count = shape.reduce((product, n) => product * n, 1);
  if (isContiguous(shape, strides)) return storage.subarray(offset * size, (offset + count) * size);
  const ordered = new Uint8Array(count * size);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset * size;
  for (let at = 0; at < ordered.length; at += size) {
    for (let byte = 0; byte < size; byte++) ordered[at + byte] = storage[from + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]! * size;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]! * size;
      index[axis] = 0;
    }
  }
  return ordered;
}

/** Axes of size 1 may have any stride; an empty tensor is contiguous always. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Strides in elements of an array whose first axis is the fastest. */
export function fortranStrides(shape: readonly number[]): number[] {
  let stride = 1;
  return shape.map((size) => {
    const own = stride;
    stride *= size;
    return own;
  });
}
