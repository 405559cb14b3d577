import type { PageState } from '../state/page-state';

/** Opens the files that were opened with the installed page in the system's file manager. */
export function openLaunchedFiles(page: PageState): void {
  window.launchQueue?.setConsumer(async ({ files = [] }) => {
    const opened = await Promise.all(files.map((handle) => handle.getFile()));
    page.add(opened.map((file) => ({ name: file.name, input: file })));
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
