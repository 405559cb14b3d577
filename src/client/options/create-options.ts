import type { HostOrt, RunExclusive } from '../../engine/device/web/host-ort';
import type { MemoryOptions, Notice, Progress } from '../../engine/types';
import type { HostDevice } from '../input/gpu-types';

/** Where the files of onnxruntime are, and how many threads they may have. */
export interface RuntimeOptions {
  /** Address of the `.wasm` file, or its bytes; default: the file that lies beside the worker. */
  wasm?: string | ArrayBuffer;
  /**
   * Threads of WebAssembly. Default: one for each core, at most 8, on a page that is cross-origin isolated and serves
   * the library itself; else 1.
   */
  threads?: number;
}

/** Milliseconds. */
export interface TimeLimits {
  /** Until the worker has answered for the first time; 30,000 by default. */
  start?: number;
  /** Without a sign of progress, while something is asked of the worker; 600,000 by default. */
  silence?: number;
  /** The same, once the current job was cancelled; 20,000 by default. */
  cancel?: number;
}

/** The embedded models of one family: `import flux1 from 'latent-leap/models/flux1'`. */
export interface FamilyModels {
  /** Entries of a catalogue. */
  models: readonly { files: readonly { path: string }[] }[];
  /** Path in the catalogue -> address. */
  files: Readonly<Record<string, string>>;
}

export interface CreateOptions {
  /**
   * Address of the folder with `catalog.json`; default: `models/` beside the page (in a worker of the host's, at the root
   * of the origin). Or the models of some families, as a bundler carries them.
   */
  models?: string | FamilyModels | readonly FamilyModels[];
  /** `auto` (default) takes WebGPU on a real GPU, else WebAssembly, and `onNotice` hears of that. */
  backend?: 'auto' | 'webgpu' | 'wasm';
  precision?: 'auto' | 'fp16' | 'fp32';
  memory?: MemoryOptions;
  /**
   * Origins beside the model hub that a person may add models from, `https://models.example.org`. The page's content
   * security policy must allow them too.
   */
  modelHosts?: string[];
  /** Name of the browser's database for models. Pages of one origin with the same name share what is stored. */
  store?: { name: string };
  /**
   * `worker` (the default) computes in a worker of its own. `this` computes in the thread of the caller: a worker of
   * the host's, Node, or a page that shares its runtime and its device.
   */
  thread?: 'this' | 'worker';
  /**
   * Where the worker comes from: its script's address, something that makes one, or a worker that runs
   * `latent-leap/worker`. Default: the script beside this one. Only what makes workers can replace one that hangs or
   * whose memory ran out.
   */
  worker?: Worker | URL | string | (() => Worker);
  runtime?: RuntimeOptions;
  /** The host's own onnxruntime, for `thread: 'this'`: no second runtime is fetched. */
  ort?: HostOrt;
  /** The device of the host's sessions, with `ort`: tensors in its buffers are used where they are. */
  device?: HostDevice;
  /**
   * Runs one call of onnxruntime while no other runs: calls that overlap hang. A host whose own sessions may run at the
   * same time gives its lock here.
   */
  runExclusive?: RunExclusive;
  limits?: TimeLimits;
  /** Ends the opening. */
  signal?: AbortSignal | undefined;
  /** Called for calls that have no `onProgress` of their own. */
  onProgress?: ((progress: Progress) => void) | undefined;
  onNotice?: ((notice: Notice) => void) | undefined;
}
