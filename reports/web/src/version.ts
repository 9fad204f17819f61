// The part of a version line that people compare.

/** `nginx version: nginx/1.22.1` is `1.22.1`; what has no number stays as it is. */
export function short_version(implementation: string, version: string): string {
  const number = /\d+(?:\.\d+)+[\w.+-]*/.exec(version)?.[0];
  if (!number) return version.replace(implementation, '').trim() || version;
  const host = /(Python|PyPy|libstdc\+\+|libc\+\+)\s/.exec(version)?.[1];
  return host && !implementation.includes(host) && implementation !== 'CPython'
    ? `${host} ${number}`
    : number;
}
