import type { Container } from './containers';

/** Element types as safetensors names them. */
export type Dtype =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL'
  | 'F8_E4M3'
  | 'F8_E5M2'
  | 'C64'
  | 'C128';

/** A tensor as a container holds it: raw little-endian bytes in C order, not yet interpreted. */
export interface NamedTensor {
  name: string;
  dtype: Dtype;
  shape: number[];
  /** `product(shape) * bytesPer(dtype)` bytes, little-endian, C order. */
  bytes: Uint8Array;
}

/** What a container reader returns: data only, nothing about latents. */
export interface TensorFile {
  container: Container;
  tensors: NamedTensor[];
  /** The container's own string map (safetensors `__metadata__`); empty where it has none. */
  metadata: Record<string, string>;
  /** What stands beside the tensors and was not read: names of classes, or of tensors with their dtype. */
  leftOut?: string[];
}

/** One entry of a safetensors header. `begin` and `end` are absolute byte offsets in the file. */
export interface TensorEntry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  entries: Map<string, TensorEntry>;
  metadata: Record<string, string>;
  /** Names and dtypes of tensors whose elements are not read here; they are not among the entries. */
  leftOut?: string[];
  /** Absolute offset of the first data byte. */
  dataStart: number;
}
