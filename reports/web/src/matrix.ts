// The matrix: areas, groups and requirements down, implementations across.
//
// It is written as one string and filtered by hiding rows, so that some ten thousand cells stand in
// well under a second. The whole grid is one tab stop; arrow keys move inside it.
import type { Area, Model, Requirement, Testee } from './data';
import { tail_of } from './data';
import { escape_html as e, h, implementation_href, plural, requirement_href } from './dom';
import { type Filter, is_filtered, matches_cell, matches_row } from './filter';
import { make_grid_navigable } from './grid';
import { count, look_of_result } from './verdict';

export interface Matrix {
  element: HTMLElement;
  /** Shows what the filter lets through and says how much that is. */
  apply(filter: Filter): string;
  /** The requirements that are shown now, in order. */
  shown(): string[];
  cell(testee: string, slug: string): HTMLElement | null;
}

const wide_header_limit = 12; // above this many implementations the names stand upright

function header_cell(testee: Testee): string {
  const version = testee.here ? testee.version || 'version unknown' : 'not here';
  const title = `${testee.implementation} – ${testee.language}, ${version}`;
  return `<th scope="col" class="who${testee.here ? '' : ' absent'}" title="${e(title)}">
<a href="${e(implementation_href(testee.name))}" tabindex="-1"><b>${breakable(testee.implementation)}</b>
<span class="version">${e(short_version(testee.implementation, version))}</span>
<span class="language">${e(testee.language)}</span></a></th>`;
}

/** A long name may break where its parts meet, and nowhere else. */
function breakable(name: string): string {
  return e(name).replace(/(::|[.\-_/])(?=\w)/g, '$1<wbr>');
}

/** `nginx version: nginx/1.22.1` is `1.22.1`; what has no number stays as it is. */
export function short_version(implementation: string, version: string): string {
  const number = /\d+(?:\.\d+)+[\w.+-]*/.exec(version)?.[0];
  if (!number) return version.replace(implementation, '').trim() || version;
  const host = /(Python|PyPy|libstdc\+\+|libc\+\+)\s/.exec(version)?.[1];
  return host && !implementation.includes(host) && implementation !== 'CPython'
    ? `${host} ${number}`
    : number;
}

function result_cells(model: Model, requirement: Requirement): string {
  let cells = '';
  model.results.testees.forEach((testee, at) => {
    const look = look_of_result(model.result(testee.name, requirement.slug));
    cells += `<td class="cell ${look.kind}" data-at="${at}" aria-label="${look.text}"><i aria-hidden="true">${look.glyph}</i></td>`;
  });
  return cells;
}

function requirement_row(model: Model, requirement: Requirement): string {
  const slug = e(requirement.slug);
  return `<tr class="row" data-slug="${slug}"><th scope="row"><span class="level ${requirement.level}">${requirement.level}</span>
<a href="${e(requirement_href(requirement.slug))}" tabindex="-1">${e(requirement.sentence)}</a> <span class="slug">${e(tail_of(requirement.slug))}</span></th>${result_cells(model, requirement)}</tr>`;
}

function area_body(model: Model, area: Area): string {
  const blanks = model.results.testees
    .map((_, at) => `<td class="total" data-at="${at}"></td>`)
    .join('');
  const name = e(area.name);
  let html = `<tbody data-area="${name}"><tr class="area"><th scope="rowgroup"><button type="button" aria-expanded="true" tabindex="-1">
<span class="chevron" aria-hidden="true"></span>${name}</button> <span class="count"></span></th>${blanks}</tr>`;
  for (const group of area.groups) {
    html += `<tr class="group" data-group="${e(group.name)}"><th scope="rowgroup">${e(group.name)}</th>${blanks}</tr>`;
    for (const requirement of group.requirements) html += requirement_row(model, requirement);
  }
  return `${html}</tbody>`;
}

function write_totals(model: Model, row: HTMLElement, slugs: string[], with_bar: boolean): void {
  row.querySelectorAll<HTMLElement>('td').forEach((cell, at) => {
    const testee = model.results.testees[at];
    if (!testee) return;
    const total = count(model, testee.name, slugs);
    if (total.judged === 0) {
      cell.textContent = '';
      cell.setAttribute('aria-label', 'nothing judged');
      return;
    }
    cell.setAttribute('aria-label', `${total.passed} of ${total.judged} passed`);
    cell.classList.toggle('full', total.passed === total.judged);
    cell.classList.toggle('surprised', total.surprises > 0);
    cell.innerHTML = `<span class="sum">${total.passed}<span class="of">/${total.judged}</span></span>`;
    if (with_bar) {
      const share = ((100 * total.passed) / total.judged).toFixed(1);
      cell.innerHTML += `<span class="bar" aria-hidden="true"><span style="width:${share}%"></span></span>`;
    }
  });
}

/** Hides the columns in which no shown row has anything to say. */
function columns_rule(model: Model, shown: Set<string>, filter: Filter): string {
  if (!filter.area) return '';
  const empty = model.results.testees.flatMap((testee, at) => {
    for (const slug of shown) {
      const result = model.result(testee.name, slug);
      if (result && result.verdict !== 'not supported') return [];
    }
    return [at + 2];
  });
  if (empty.length === model.results.testees.length) return '';
  return empty.map((n) => `.matrix tr > :nth-child(${n}) { display: none; }`).join('\n');
}

export function draw_matrix(model: Model, open: (testee: string, slug: string) => void): Matrix {
  const { testees } = model.results;
  const table = h('table', {
    class: `matrix${testees.length > wide_header_limit ? ' upright' : ''}`,
    role: 'grid',
    'aria-label': 'Requirements by implementation',
    'aria-describedby': 'matrix-help',
    style: `--columns:${testees.length}`,
  });
  table.innerHTML = `<colgroup><col class="first"><col span="${Math.max(1, testees.length)}" class="verdicts"></colgroup>
<thead><tr><th scope="col" class="corner">Requirement</th>${testees.map(header_cell).join('')}</tr></thead>
${model.areas.map((area) => area_body(model, area)).join('')}`;

  const style = h('style', {});
  const nothing = h('p', { class: 'empty', hidden: true }, 'No requirement matches these filters.');
  const scroller = h('div', { class: 'scroller' }, table);
  const help = h(
    'p',
    { id: 'matrix-help', class: 'hidden' },
    'Arrow keys move from cell to cell. Enter opens the evidence.',
  );
  const element = h('div', { class: 'matrix-frame' }, style, help, scroller, nothing);

  const rows = new Map<string, HTMLTableRowElement>();
  for (const row of table.querySelectorAll<HTMLTableRowElement>('tr.row'))
    rows.set(row.dataset.slug ?? '', row);
  const collapsed = new Set<string>();
  let shown: string[] = [];

  function cell(testee: string, slug: string): HTMLElement | null {
    const at = testees.findIndex((known) => known.name === testee);
    return rows.get(slug)?.cells[at + 1] ?? null;
  }

  function show_area(area: Area, filter: Filter): number {
    const body = table.querySelector<HTMLElement>(`tbody[data-area="${CSS.escape(area.name)}"]`);
    if (!body) return 0;
    const open_area = !collapsed.has(area.name);
    const area_rows: string[] = [];
    let visible = 0;
    for (const group of area.groups) {
      const candidates = group.requirements.filter((requirement) =>
        matches_row(filter, requirement),
      );
      let in_group = 0;
      for (const requirement of group.requirements) {
        const row = rows.get(requirement.slug);
        if (!row) continue;
        let hit = candidates.includes(requirement);
        if (hit && filter.verdict) {
          hit = false;
          testees.forEach((testee, at) => {
            const matching = matches_cell(filter, model.result(testee.name, requirement.slug));
            row.cells[at + 1]?.classList.toggle('hit', matching);
            hit ||= matching;
          });
        }
        row.hidden = !hit || !open_area;
        if (hit) {
          in_group += 1;
          shown.push(requirement.slug);
        }
      }
      const header = body.querySelector<HTMLElement>(`tr[data-group="${CSS.escape(group.name)}"]`);
      if (header) {
        header.hidden = in_group === 0 || !open_area;
        write_totals(
          model,
          header,
          candidates.map((requirement) => requirement.slug),
          false,
        );
      }
      area_rows.push(...candidates.map((requirement) => requirement.slug));
      visible += in_group;
    }
    body.hidden = visible === 0;
    body.querySelector('button')?.setAttribute('aria-expanded', String(open_area));
    const label = body.querySelector('.count');
    if (label) label.textContent = plural(visible, 'requirement');
    const header = body.querySelector<HTMLElement>('tr.area');
    if (header) write_totals(model, header, area_rows, true);
    return visible;
  }

  const keep_tab_stop = make_grid_navigable(table);
  let current: Filter | null = null;
  function apply(filter: Filter): string {
    current = filter;
    shown = [];
    table.classList.toggle('only', !!filter.verdict);
    const visible = model.areas.reduce((sum, area) => sum + show_area(area, filter), 0);
    style.textContent = columns_rule(model, new Set(shown), filter);
    nothing.hidden = visible > 0;
    scroller.hidden = visible === 0;
    keep_tab_stop();
    const total = model.results.requirements.length;
    return is_filtered(filter)
      ? `${visible} of ${plural(total, 'requirement')}`
      : plural(total, 'requirement');
  }

  table.addEventListener('click', (event) => {
    const target = event.target as HTMLElement;
    const button = target.closest('tr.area button');
    if (button) {
      const area = button.closest<HTMLElement>('tbody')?.dataset.area ?? '';
      if (!collapsed.delete(area)) collapsed.add(area);
      if (current) apply(current);
      return;
    }
    const clicked = target.closest<HTMLElement>('td.cell');
    const testee = testees[Number(clicked?.dataset.at)];
    const slug = clicked?.closest<HTMLElement>('tr')?.dataset.slug;
    if (testee && slug) open(testee.name, slug);
  });
  // A table that fits sticks to the window; one that does not gets a frame to scroll in.
  new ResizeObserver(() => {
    scroller.classList.toggle('framed', table.offsetWidth > element.clientWidth + 1);
  }).observe(element);

  return { element, apply, shown: () => shown, cell };
}
