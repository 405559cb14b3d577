import type { PageState } from '../state/page-state';

/** Opens the files that were opened with the installed page in the system's file manager. */
export function openLaunchedFiles(page: PageState): void {
  window.launchQueue?.setConsumer(async ({ files = [] }) => {
    const opened = await Promise.all(files.map((handle) => handle.getFile().catch(() => handle.name)));
    page.add(opened.flatMap((file) => (typeof file === 'string' ? [] : [{ name: file.name, input: file }])));
    for (const name of opened.filter((file) => typeof file === 'string')) {
      const message = `${name} cannot be opened. Check that it is still there and that you may read it, then open it again.`;
      page.notify({ code: 'file-refused', message });
    }
  });
}

declare global {
  interface Window {
    /** Chromium has it, for installed pages. */
    launchQueue?: {
      setConsumer(consumer: (launch: { files?: readonly FileSystemFileHandle[] }) => void): void;
    };
  }
}
