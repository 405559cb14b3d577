import { readDrop } from './read-drop';

export interface IntakeHandlers {
  /** @param left names of files that folders hold and that nothing here reads */
  files(files: File[], left: readonly string[]): void;
  /** Text was dropped or pasted where nothing takes text: perhaps the address of a file. */
  text(text: string): void;
  /** A drag with files or an address is over the page, or has left it. */
  hover(over: boolean): void;
}

/** Takes files, folders and addresses that are dropped anywhere on the page or pasted into it, until the signal. */
export function listenForFiles(handlers: IntakeHandlers, signal: AbortSignal): void {
  // Entering a child comes before leaving its parent: only the count says whether the page was left.
  let depth = 0;
  const settle = (next: number) => {
    depth = Math.max(next, 0);
    handlers.hover(depth > 0);
  };
  const listen = <K extends keyof DocumentEventMap>(name: K, run: (event: DocumentEventMap[K]) => void) =>
    document.addEventListener(name, run, { signal });

  listen('dragenter', (event) => {
    if (!isForUs(event.dataTransfer)) return;
    event.preventDefault();
    settle(depth + 1);
  });
  listen('dragleave', (event) => {
    if (isForUs(event.dataTransfer)) settle(depth - 1);
  });
  listen('dragover', (event) => {
    if (isForUs(event.dataTransfer)) event.preventDefault();
  });
  listen('drop', (event) => {
    if (!isForUs(event.dataTransfer)) return;
    settle(0);
    // Somebody on the way has taken it: the list of models.
    if (event.defaultPrevented) return;
    event.preventDefault();
    void take(event.dataTransfer, 'text/uri-list', handlers);
  });
  listen('paste', (event) => {
    const field = event.composedPath()[0];
    const types = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
    void take(event.clipboardData, types ? undefined : 'text/plain', handlers);
  });
}

async function take(
  data: DataTransfer | null,
  textType: string | undefined,
  handlers: IntakeHandlers,
): Promise<void> {
  if (!data) return;
  // Both are gone once the event is over.
  const text = textType ? data.getData(textType) : '';
  const drop = readDrop(data);
  const { files, left } = await drop;
  if (files.length || left.length) handlers.files(files, left);
  else if (text) handlers.text(text);
}

function isForUs(data: DataTransfer | null): data is DataTransfer {
  return Boolean(data && (data.types.includes('Files') || data.types.includes('text/uri-list')));
}
