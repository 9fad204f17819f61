// The matrix: areas, groups and requirements down, implementations across.
//
// It is drawn once and filtered by hiding rows. The whole grid is one tab stop; arrow keys move
// inside it.
import type { Area, Group, Model, Requirement } from './data';
import { h, plural } from './dom';
import { by_family } from './families';
import { type Filter, is_filtered, matches_cell, matches_row, no_filter } from './filter';
import { make_grid_navigable } from './grid';
import { matrix_markup } from './matrix_markup';
import { count } from './verdict';

const wide_header_limit = 12; // above this many implementations the names stand upright

export interface Cell {
  testee: string;
  slug: string;
}

/** How many passed of how many judged, in every cell of an area's or a group's row. */
function write_totals(model: Model, row: Element | null, slugs: string[], with_bar: boolean): void {
  row?.querySelectorAll('td').forEach((cell, at) => {
    const testee = model.results.testees[at];
    if (!testee) return;
    const total = count(model, testee.name, slugs);
    const { judged, passed } = total;
    cell.setAttribute('aria-label', judged ? `${passed} of ${judged} passed` : 'nothing judged');
    cell.classList.toggle('surprised', total.surprises > 0);
    cell.replaceChildren();
    if (judged === 0) return;
    cell.append(h('span', { class: 'sum' }, passed, h('span', { class: 'of' }, `/${judged}`)));
    if (!with_bar) return;
    const share = h('span', { style: `width:${((100 * passed) / judged).toFixed(1)}%` });
    cell.append(h('span', { class: 'bar', 'aria-hidden': 'true' }, share));
  });
}

/** The columns to hide: those unticked, and under a filter those in which no row says a thing. */
function hidden_columns(model: Model, shown: string[], filter: Filter): Set<number> {
  const { testees } = model.results;
  const hidden = new Set<number>();
  testees.forEach((testee, at) => {
    if (filter.without.has(testee.name)) hidden.add(at);
  });
  if (!is_filtered(filter)) return hidden;
  const silent = testees.flatMap((testee, at) => {
    const speaks = shown.some((slug) => {
      const result = model.result(testee.name, slug);
      return result && result.verdict !== 'not supported';
    });
    return speaks || hidden.has(at) ? [] : [at];
  });
  if (silent.length + hidden.size === testees.length) return hidden;
  return new Set([...hidden, ...silent]);
}

function columns_rule(hidden: Set<number>): string {
  const row = ':is(tr:not(.families), colgroup)';
  return [...hidden]
    .map((at) => `.matrix ${row} > :nth-child(${at + 2}) { display: none; }`)
    .join('\n');
}

export class Matrix {
  readonly element: HTMLElement;
  private readonly table: HTMLTableElement;
  private readonly scroller: HTMLElement;
  private readonly columns = h('style', {});
  private readonly nothing = h(
    'p',
    { class: 'empty', hidden: true },
    'No requirement matches these filters.',
  );
  private readonly rows = new Map<string, HTMLTableRowElement>();
  private readonly collapsed = new Set<string>();
  private readonly keep_tab_stop: () => void;
  private readonly is_wide: boolean;
  private readonly families: ReturnType<typeof by_family>;
  private filter = no_filter();
  private visible: string[] = [];

  constructor(
    private readonly model: Model,
    open: (cell: Cell) => void,
  ) {
    const { testees } = model.results;
    this.families = by_family(testees);
    this.is_wide = testees.length > wide_header_limit;
    if (this.is_wide) this.fold_all();
    this.table = h('table', {
      class: `matrix${this.is_wide ? ' upright' : ''}`,
      role: 'grid',
      'aria-label': 'Requirements by implementation',
      'aria-describedby': 'matrix-help',
      style: `--columns:${testees.length}`,
    });
    this.table.innerHTML = matrix_markup(model);
    for (const row of this.table.querySelectorAll<HTMLTableRowElement>('tr.row')) {
      this.rows.set(row.dataset.slug ?? '', row);
    }
    this.scroller = h('div', { class: 'scroller' }, this.table);
    const help = 'Arrow keys move from cell to cell. Enter opens the evidence.';
    this.element = h(
      'div',
      { class: 'matrix-frame' },
      this.columns,
      h('p', { id: 'matrix-help', class: 'hidden' }, help),
      this.scroller,
      this.nothing,
    );
    this.keep_tab_stop = make_grid_navigable(this.table);
    this.table.addEventListener('click', (event) => this.clicked(event.target as Element, open));
    // A table that fits sticks to the window; one that does not gets a frame to scroll in.
    new ResizeObserver(() => {
      const is_wider = this.table.offsetWidth > this.element.clientWidth + 1;
      this.scroller.classList.toggle('framed', is_wider);
    }).observe(this.element);
  }

  /** The requirements that are shown now, in order. */
  shown(): string[] {
    return this.visible;
  }

  element_of(cell: Cell): HTMLElement | null {
    const at = this.model.results.testees.findIndex((testee) => testee.name === cell.testee);
    return this.rows.get(cell.slug)?.cells[at + 1] ?? null;
  }

  /** The cell at a point of the window, whatever lies above it. */
  at(x: number, y: number): Cell | null {
    for (const element of document.elementsFromPoint(x, y)) {
      const cell = this.cell_of(element);
      if (cell) return cell;
    }
    return null;
  }

  /** Shows what the filter lets through and says how much that is. */
  apply(filter: Filter): string {
    // So many columns are met area by area; what was searched for is shown at once.
    if (this.is_wide && is_filtered(filter) !== is_filtered(this.filter)) {
      if (is_filtered(filter)) this.collapsed.clear();
      else this.fold_all();
    }
    this.filter = filter;
    this.visible = [];
    this.table.classList.toggle('only', filter.verdict !== '');
    for (const area of this.model.areas) this.show_area(area);
    this.hide_columns(hidden_columns(this.model, this.visible, filter));
    this.nothing.hidden = this.visible.length > 0;
    this.scroller.hidden = this.visible.length === 0;
    this.keep_tab_stop();
    const total = plural(this.model.results.requirements.length, 'requirement');
    return is_filtered(filter) ? `${this.visible.length} of ${total}` : total;
  }

  private fold_all(): void {
    for (const area of this.model.areas) this.collapsed.add(area.name);
  }

  private hide_columns(hidden: Set<number>): void {
    this.columns.textContent = columns_rule(hidden);
    const shown = this.model.results.testees.length - hidden.size;
    this.table.style.setProperty('--columns', String(shown));
    let at = 0;
    const row = this.table.querySelector('tr.families');
    row?.querySelectorAll('th').forEach((cell, n) => {
      const { length } = this.families[n]?.testees ?? [];
      let left = 0;
      for (const end = at + length; at < end; at++) left += hidden.has(at) ? 0 : 1;
      cell.hidden = left === 0;
      cell.colSpan = Math.max(left, 1);
    });
  }

  private cell_of(element: Element | null): Cell | null {
    const cell = element?.closest<HTMLElement>('td.cell');
    const testee = this.model.results.testees[Number(cell?.dataset.at)];
    const slug = cell?.closest('tr')?.dataset.slug;
    return testee && slug ? { testee: testee.name, slug } : null;
  }

  private clicked(target: Element, open: (cell: Cell) => void): void {
    const area = target.closest('tr.area button')?.closest('tbody')?.dataset.area;
    if (area !== undefined) {
      if (!this.collapsed.delete(area)) this.collapsed.add(area);
      this.apply(this.filter);
      return;
    }
    const cell = this.cell_of(target);
    if (cell) open(cell);
  }

  private show_area(area: Area): void {
    const body = this.table.querySelector(`tbody[data-area="${CSS.escape(area.name)}"]`);
    if (!(body instanceof HTMLElement)) return;
    const is_open = !this.collapsed.has(area.name);
    const before = this.visible.length;
    const counted = area.groups.flatMap((group) => this.show_group(body, group, is_open));
    const visible = this.visible.length - before;
    body.hidden = visible === 0;
    body.querySelector('button')?.setAttribute('aria-expanded', String(is_open));
    const label = body.querySelector('.count');
    const word = visible === 1 ? ' requirement' : ' requirements';
    label?.replaceChildren(String(visible), h('span', { class: 'word' }, word));
    write_totals(this.model, body.querySelector('tr.area'), counted, true);
  }

  /** Gives the requirements that the totals are about: all but those of the wrong verdict. */
  private show_group(body: HTMLElement, group: Group, is_open: boolean): string[] {
    const counted = group.requirements.filter((row) => matches_row(this.filter, row));
    for (const requirement of group.requirements) {
      const row = this.rows.get(requirement.slug);
      if (row) row.hidden = true;
    }
    const hits = counted.filter((requirement) => this.has_verdict(requirement));
    for (const { slug } of hits) {
      this.visible.push(slug);
      const row = this.rows.get(slug);
      if (row) row.hidden = !is_open;
    }
    const header = body.querySelector(`tr[data-group="${CSS.escape(group.name)}"]`);
    if (header instanceof HTMLElement) header.hidden = hits.length === 0 || !is_open;
    const slugs = counted.map((requirement) => requirement.slug);
    write_totals(this.model, header, slugs, false);
    return slugs;
  }

  /** Whether a cell of the row has the verdict asked for; such cells are marked. */
  private has_verdict(requirement: Requirement): boolean {
    if (!this.filter.verdict) return true;
    const row = this.rows.get(requirement.slug);
    const hits = this.model.results.testees.map((testee, at) => {
      const is_hit =
        !this.filter.without.has(testee.name) &&
        matches_cell(this.filter, this.model.result(testee.name, requirement.slug));
      row?.cells[at + 1]?.classList.toggle('hit', is_hit);
      return is_hit;
    });
    return hits.includes(true);
  }
}
