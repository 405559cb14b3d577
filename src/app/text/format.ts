/** 1234567 -> '1.2 MB', in the decimal units of download dialogs. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** 0.4 -> '< 1 ms', 812.3 -> '812 ms', 12345 -> '12.3 s'. */
export function formatMs(ms: number): string {
  if (ms < 1) return ms > 0 ? '< 1 ms' : '0 ms';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** 1.5 -> '1.5×'. */
export function formatFactor(factor: number): string {
  return `${factor}×`;
}

/** (512, 384) -> '512 × 384', width first as usual for pictures. */
export function formatSize(width: number, height: number): string {
  return `${width} × ${height}`;
}

/** 'photo.latent' -> 'photo': what a saved file's name begins with. */
export function fileStem(name: string): string {
  const base = name.split(/[\\/]/).pop() ?? name;
  return base.replace(/\.[^.]+$/, '') || 'latent';
}

/** For titles, which stand alone or after a name and a colon. */
export function lowerFirst(text: string): string {
  return (text[0]?.toLowerCase() ?? '') + text.slice(1);
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
