// Keyboard for a table with role="grid", after the ARIA authoring practices: one tab stop, arrow
// keys inside, Enter and Space click. The focus goes to the link or button of a cell if it has one.

function target_of(cell: Element | undefined): HTMLElement | null {
  return cell ? (cell.querySelector<HTMLElement>('a, button') ?? (cell as HTMLElement)) : null;
}

function is_shown(element: HTMLElement): boolean {
  return element.offsetParent !== null || element.getClientRects().length > 0;
}

function visible_rows(table: HTMLTableElement): HTMLTableRowElement[] {
  return [...table.rows].filter((row) => !row.hidden && !(row.parentElement as HTMLElement).hidden);
}

/** The nearest cell in a direction that is shown, or null at the edge. */
function step(
  table: HTMLTableElement,
  from: HTMLTableCellElement,
  key: string,
  far: boolean,
): Element | null {
  const row = from.parentElement as HTMLTableRowElement;
  if (key === 'ArrowLeft' || key === 'ArrowRight' || key === 'Home' || key === 'End') {
    const cells = [...row.cells].filter(is_shown);
    const at = cells.indexOf(from);
    if (key === 'Home') return cells[0] ?? null;
    if (key === 'End') return cells[cells.length - 1] ?? null;
    return cells[at + (key === 'ArrowRight' ? 1 : -1)] ?? null;
  }
  const rows = visible_rows(table);
  const at = rows.indexOf(row);
  const distance = (key === 'ArrowUp' || key === 'PageUp' ? -1 : 1) * (far ? 10 : 1);
  const to = rows[Math.max(0, Math.min(rows.length - 1, at + distance))];
  return to?.cells[from.cellIndex] ?? null;
}

const keys = new Set([
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
  'Home',
  'End',
  'PageUp',
  'PageDown',
]);

/** Returns what to call after rows were hidden: it keeps the tab stop on a cell that is shown. */
export function make_grid_navigable(table: HTMLTableElement): () => void {
  let current: HTMLElement | null = null;
  function set_current(target: HTMLElement | null): void {
    if (current && current !== target) current.tabIndex = -1;
    current = target;
    if (current) current.tabIndex = 0;
  }
  set_current(target_of(table.tBodies[0]?.rows[0]?.cells[0]));

  table.addEventListener('focusin', (event) => {
    const cell = (event.target as HTMLElement).closest('td, th');
    set_current(target_of(cell ?? undefined));
  });
  // A click on a bare cell puts the focus there, so that Esc of the dialog leads back to it.
  table.addEventListener('mousedown', (event) => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('td');
    if (cell) {
      cell.tabIndex = -1;
      cell.focus({ preventScroll: true });
    }
  });
  table.addEventListener('keydown', (event) => {
    const cell = (event.target as HTMLElement).closest<HTMLTableCellElement>('td, th');
    if (!cell || event.altKey || event.metaKey) return;
    if ((event.key === 'Enter' || event.key === ' ') && event.target === cell) {
      event.preventDefault();
      cell.click();
      return;
    }
    if (!keys.has(event.key)) return;
    event.preventDefault();
    const target = target_of(
      step(table, cell, event.key, event.key.startsWith('Page')) ?? undefined,
    );
    if (!target) return;
    set_current(target);
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  return () => {
    if (current && is_shown(current)) return;
    set_current(
      target_of(visible_rows(table).find((row) => row.parentElement !== table.tHead)?.cells[0]),
    );
  };
}
