export interface IntakeHandlers {
  files(files: File[]): void;
  /** A drag with files is over the page, or has left it. */
  hover(over: boolean): void;
}

/** Takes files dropped anywhere on the page or pasted into it. */
export function listenForFiles(handlers: IntakeHandlers): void {
  // Entering a child comes before leaving its parent: only the count says whether the page was left.
  let depth = 0;
  const settle = (next: number) => {
    depth = Math.max(next, 0);
    handlers.hover(depth > 0);
  };

  document.addEventListener('dragenter', (event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    settle(depth + 1);
  });
  document.addEventListener('dragleave', (event) => {
    if (carriesFiles(event.dataTransfer)) settle(depth - 1);
  });
  document.addEventListener('dragover', (event) => {
    if (carriesFiles(event.dataTransfer)) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    settle(0);
    // Somebody on the way has taken it: the list of models.
    if (event.defaultPrevented) return;
    event.preventDefault();
    take(event.dataTransfer, handlers);
  });
  document.addEventListener('paste', (event) => take(event.clipboardData, handlers));
}

function take(data: DataTransfer | null, handlers: IntakeHandlers): void {
  const files = [...(data?.files ?? [])];
  if (files.length) handlers.files(files);
}

function carriesFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}

/** Opens the browser's file dialogue; resolves with nothing when it is closed without a choice. */
export function pickFiles(): Promise<File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}
