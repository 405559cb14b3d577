/** What people call a container, and by which endings they know its files. The content decides, never the ending. */
interface ContainerNames {
  /** What is expected where nothing is recognised. */
  label: string;
  /** Endings of files that mostly hold a latent. The system opens such files with the installed page. */
  endings: readonly string[];
  /** Endings of files that mostly hold something else. They count in a folder that is dropped. */
  rareEndings?: readonly string[];
}

/** The containers that are read, in the order in which people meet them. `readTensorFile` has their readers. */
const ROWS = {
  safetensors: {
    label: 'safetensors (.latent too)',
    endings: ['.latent', '.safetensors'],
    rareEndings: ['.sft'],
  },
  npy: { label: 'npy', endings: ['.npy'] },
  npz: { label: 'npz', endings: ['.npz'] },
  'torch-zip': {
    label: 'a file of torch.save',
    endings: ['.pt'],
    rareEndings: ['.pth', '.bin', '.ckpt'],
  },
  // PyTorch before 1.6.
  'torch-legacy': { label: 'a file of torch.save', endings: ['.pt'] },
} satisfies Record<string, ContainerNames>;

export type Container = keyof typeof ROWS;

const ALL: readonly ContainerNames[] = Object.values(ROWS);
const once = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];

export const CONTAINER_LABELS = once(ALL.map(({ label }) => label));
/** With their dots. */
export const LATENT_ENDINGS = once(ALL.flatMap(({ endings }) => endings));
/** These, the rare ones, and that of a file within gzip. */
export const CONTAINER_ENDINGS = once([
  ...LATENT_ENDINGS,
  ...ALL.flatMap(({ rareEndings = [] }) => rareEndings),
  '.gz',
]);
