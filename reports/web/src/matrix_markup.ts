// The matrix as one string of HTML: some ten thousand cells stand in well under a second that way.
// Everything that comes from a testee is escaped.
import type { Area, Model, Requirement, Testee } from './data';
import { tail_of } from './data';
import { escape_html as e, implementation_href, requirement_href } from './dom';
import { by_family } from './families';
import { look_of_result } from './verdict';
import { short_version } from './version';

function header_cell(testee: Testee): string {
  const version = testee.here ? testee.version || 'version unknown' : 'not here';
  const title = `${testee.implementation} – ${testee.language}, ${version}`;
  const lines = [
    `<b>${breakable(testee.implementation)}</b>`,
    `<span class="version">${e(short_version(testee.implementation, version))}</span>`,
    `<span class="language">${e(testee.language)}</span>`,
  ];
  const link = `<a href="${e(implementation_href(testee.name))}" tabindex="-1">`;
  const kind = testee.here ? 'who' : 'who absent';
  return `<th scope="col" class="${kind}" title="${e(title)}">${link}${lines.join(' ')}</a></th>`;
}

/** A long name may break where its parts meet, and nowhere else. */
function breakable(name: string): string {
  return e(name).replace(/(::|[.\-_/])(?=\w)/g, '$1<wbr>');
}

function result_cells(model: Model, requirement: Requirement): string {
  let cells = '';
  model.results.testees.forEach((testee, at) => {
    const look = look_of_result(model.result(testee.name, requirement.slug));
    cells += `<td class="cell ${look.kind}" data-at="${at}" aria-label="${e(look.text)}">`;
    // A box of its own costs time to lay out, so only the marks that have one get it.
    const has_box = look.kind !== 'pass' && look.kind !== 'none';
    cells += `${has_box ? `<i>${look.glyph}</i>` : look.glyph}</td>`;
  });
  return cells;
}

function requirement_row(model: Model, requirement: Requirement): string {
  const { slug, level, sentence } = requirement;
  const header = [
    `<span class="level ${e(level)}">${e(level)}</span>`,
    `<a href="${e(requirement_href(slug))}" tabindex="-1">${e(sentence)}</a>`,
    `<span class="slug">${e(tail_of(slug))}</span>`,
  ];
  const cells = result_cells(model, requirement);
  return `<tr class="row" data-slug="${e(slug)}">
<th scope="row">${header.join(' ')}</th>${cells}</tr>`;
}

function area_body(model: Model, area: Area): string {
  const totals = model.results.testees
    .map((_, at) => `<td class="total" data-at="${at}"></td>`)
    .join('');
  const name = e(area.name);
  const fold = `<button type="button" aria-expanded="true" tabindex="-1">
<span class="chevron" aria-hidden="true"></span>${name}</button>`;
  let html = `<tbody data-area="${name}"><tr class="area">
<th scope="rowgroup">${fold} <span class="count"></span></th>${totals}</tr>`;
  for (const group of area.groups) {
    const title = e(group.name);
    html += `<tr class="group" data-group="${title}">
<th scope="rowgroup">${title}</th>${totals}</tr>`;
    for (const requirement of group.requirements) html += requirement_row(model, requirement);
  }
  return `${html}</tbody>`;
}

/** The inside of the table: columns, the header, a body an area. */
export function matrix_markup(model: Model): string {
  const { testees } = model.results;
  const columns = `<col class="first">${'<col class="verdicts">'.repeat(testees.length)}`;
  const corner = '<th scope="col" class="corner">Requirement</th>';
  const families = by_family(testees).map(
    ({ name, testees: members }) =>
      `<th scope="colgroup" colspan="${members.length}">${e(name)}</th>`,
  );
  return `<colgroup>${columns}</colgroup>
<thead><tr class="families"><td class="corner"></td>${families.join('')}</tr>
<tr>${corner}${testees.map(header_cell).join('')}</tr></thead>
${model.areas.map((area) => area_body(model, area)).join('')}`;
}
