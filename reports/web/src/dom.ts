// Elements without a framework. Text is always text: nothing that a testee sent is parsed as HTML.

type Child = Node | string | number | null | undefined | false | Child[];
type Attributes = Record<string, string | number | boolean | null | undefined | EventListener>;

function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** h('a', {href: '#/'}, 'home'); attributes whose name starts with `on` are listeners. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

/** For the one place where strings are faster than elements: the matrix. */
export function escape_html(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

export function requirement_href(slug: string): string {
  return `#/requirement/${slug}`;
}

export function implementation_href(name: string): string {
  return `#/implementation/${encodeURIComponent(name)}`;
}

export function evidence_href(testee: string, slug: string): string {
  return `#/evidence/${encodeURIComponent(testee)}/${slug}`;
}

/** A link to a standard or a manual; only web addresses become links. */
export function outside_link(text: string, url: string): HTMLElement {
  if (!/^https?:\/\//.test(url)) return h('span', {}, text);
  return h(
    'a',
    { href: url, rel: 'noreferrer noopener', target: '_blank', class: 'outside' },
    text,
  );
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  // Never rounded up to a hundred: 299 of 300 is not everything.
  const value = (100 * part) / whole;
  return `${part === whole ? 100 : Math.min(99.9, Math.round(value * 10) / 10)} %`;
}

export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  while (n >= 1024 && at < units.length - 1) {
    n /= 1024;
    at += 1;
  }
  return `${n.toFixed(n < 10 && at > 0 ? 1 : 0)} ${units[at]}`;
}

export function duration(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toFixed(0)} µs`;
  if (ms < 1000) return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
  return `${(ms / 1000).toFixed(2)} s`;
}
