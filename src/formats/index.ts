/** Containers as data: bytes in, named tensors out. Knows nothing about latents. */
export { bytesPer, isFloatDtype } from './dtypes';
export { bfloatToFloat, floatToBfloat, floatToHalf, getHalfTable, halfToFloat } from './half';
export { writeNpy } from './npy';
export { readTensorFile } from './read-tensor-file';
export { writeSafetensors } from './safetensors';
export { readSafetensorsHeader } from './safetensors-header';
export { fromFloat32, toFloat32 } from './to-float32';
export { beginsAsZip } from './torch-zip';
export type { Container, Dtype, NamedTensor, SafetensorsHeader, TensorEntry, TensorFile } from './types';
