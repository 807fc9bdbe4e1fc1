/** The drives of JupyterLab: where a path begins with a name and a colon, it is of another place than the server's folder. */

// Real-time collaboration shows the files of the server's folder under a drive of its own.
const COLLABORATION = 'RTC:';

/** A path as the server's own contents have it. Another drive's name stays: without it the path might lead to a file of this disk. */
export function pathOnServer(path: string): string {
  return path.startsWith(COLLABORATION) ? path.slice(COLLABORATION.length) : path;
}
