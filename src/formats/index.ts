/** Containers as data: bytes in, named tensors out. Knows nothing about latents. */
export { checkFileSize, MAX_FILE_BYTES } from './check-file-size';
export { LATENT_ENDINGS } from './containers';
export { bytesPer, describeDtype, isFloatDtype } from './dtypes';
export { bfloatToFloat, floatToHalf, getHalfTable } from './half';
export { writeNpy } from './npy/npy';
export { readTensorFile } from './read-tensor-file';
export { writeSafetensors } from './safetensors/safetensors';
export { MAX_HEADER_BYTES, readSafetensorsHeader } from './safetensors/safetensors-header';
export { fromFloat32, toFloat32 } from './to-float32';
export { beginsAsTorch, TORCH_HEAD_BYTES } from './torch/begins-as-torch';
export type { Dtype, NamedTensor, TensorFile } from './types';
export { crc32 } from './zip/crc32';
