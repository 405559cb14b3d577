/** Containers as data: bytes in, named tensors out. Knows nothing about latents. */
export { bytesPer, isFloatDtype } from './dtypes';
export { bfloatToFloat, floatToBfloat, floatToHalf, getHalfTable, halfToFloat } from './half';
export { writeNpy } from './npy/npy';
export { readTensorFile } from './read-tensor-file';
export { writeSafetensors } from './safetensors/safetensors';
export { readSafetensorsHeader } from './safetensors/safetensors-header';
export { fromFloat32, toFloat32 } from './to-float32';
export { beginsAsZip } from './torch/torch-zip';
export type { Container, Dtype, NamedTensor, SafetensorsHeader, TensorEntry, TensorFile } from './types';
