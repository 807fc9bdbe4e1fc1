/** Command lines as a person can paste them into a POSIX shell. */

// As Python's shlex.quote: what is none of these needs quotes.
const UNSAFE = /[^\w@%+=:,./-]/;

/** One argument, quoted where a shell would read it otherwise. */
export function quoted(argument: string): string {
  return argument !== '' && !UNSAFE.test(argument) ? argument : `'${argument.replaceAll("'", `'"'"'`)}'`;
}

/** A path as an argument: one that begins with a dash would be read as an option. */
export function asPath(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}

/** `nb2svc analyze 'my loans.ipynb'`: the command line of some arguments; of a path give `asPath`. */
export function commandLine(...args: readonly string[]): string {
  return ['nb2svc', ...args].map(quoted).join(' ');
}
