// A table of data, and the bar that shows a share.
import { h, percent } from './dom';

export interface Column {
  name: string;
  number?: boolean; // aligned to the right
}

/** A wide one scrolls in its own frame, not with the page. */
export function data_table(
  columns: (string | Column)[],
  rows: HTMLTableRowElement[],
  options: { class?: string; caption?: string } = {},
): HTMLElement {
  const heads = columns.map((column) => {
    const { name, number } = typeof column === 'string' ? { name: column, number: false } : column;
    return h('th', { scope: 'col', class: number ? 'number' : null }, name);
  });
  const table = h(
    'table',
    { class: `data ${options.class ?? ''}`.trim() },
    options.caption ? h('caption', { class: 'hidden' }, options.caption) : null,
    h('thead', {}, h('tr', {}, heads)),
    h('tbody', {}, rows),
  );
  return h('div', { class: 'table-frame' }, table);
}

export function number_cell(value: string | number): HTMLTableCellElement {
  return h('td', { class: 'number' }, value);
}

export function number_column(name: string): Column {
  return { name, number: true };
}

export function bar(part: number, whole: number): HTMLElement {
  const width = `width:${((100 * part) / Math.max(1, whole)).toFixed(1)}%`;
  return h(
    'span',
    { class: 'bar', 'aria-hidden': 'true' },
    whole ? h('span', { style: width }) : null,
  );
}

/** A name with its share as percentage, fraction and bar, and a line that says more. */
export function share(
  name: string,
  part: number,
  whole: number,
  options: { href?: string; detail?: string; absent?: string } = {},
): HTMLElement {
  const figure = options.absent
    ? h('span', { class: 'figure muted' }, options.absent)
    : h('span', { class: 'figure' }, percent(part, whole), fraction(part, whole));
  const content = [
    h('span', { class: 'who' }, name),
    figure,
    bar(part, whole),
    options.detail ? h('span', { class: 'detail' }, options.detail) : null,
  ];
  if (!options.href) return h('div', { class: 'share' }, content);
  return h('a', { class: 'share', href: options.href }, content);
}

function fraction(part: number, whole: number): HTMLElement {
  return h('span', { class: 'muted' }, ` ${part}/${whole}`);
}
