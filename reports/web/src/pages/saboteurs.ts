// Who tests the tests: every saboteur, and whether the spec caught it.
import type { Model, Saboteur } from '../data';
import { h, percent, plural, requirement_href } from '../dom';
import { command } from '../copy';

export function saboteur_outcome(saboteur: Saboteur): HTMLElement {
  const kind = saboteur.caught ? 'pass' : 'bad';
  return h(
    'span',
    { class: `stamp ${kind}` },
    h('span', { class: `mark ${kind}`, 'aria-hidden': 'true' }, saboteur.caught ? '✓' : '✕'),
    saboteur.caught ? `caught: ${saboteur.verdict}` : 'escaped',
  );
}

function areas(model: Model, caught: Set<string>): HTMLElement {
  return h(
    'ul',
    { class: 'shares' },
    model.areas.map((area) => {
      const n = area.requirements.filter((r) => caught.has(r.slug)).length;
      return h(
        'li',
        {},
        h(
          'div',
          { class: 'share' },
          h('span', { class: 'who' }, area.name),
          h(
            'span',
            { class: 'figure' },
            percent(n, area.requirements.length),
            h('span', { class: 'muted' }, ` ${n}/${area.requirements.length}`),
          ),
          h(
            'span',
            { class: 'bar', 'aria-hidden': 'true' },
            h('span', {
              style: `width:${((100 * n) / Math.max(1, area.requirements.length)).toFixed(1)}%`,
            }),
          ),
        ),
      );
    }),
  );
}

export function draw_saboteurs(model: Model): HTMLElement {
  const page = h(
    'article',
    { class: 'page wide' },
    h('h1', { tabindex: -1 }, 'Saboteurs'),
    h(
      'p',
      { class: 'lead' },
      'A saboteur is an implementation that is wrong on purpose: it breaks one requirement, and the spec has to fail it there. A test that no saboteur can trip proves little.',
    ),
  );
  if (!model.sabotage) {
    page.append(
      h('p', { class: 'empty' }, 'This report was made without them. To measure the share:'),
      command('assay sabotage --json sabotage.json'),
      command('assay report --results results.json --sabotage sabotage.json -o report.html'),
    );
    return page;
  }
  const { saboteurs } = model.sabotage;
  const caught = new Set(saboteurs.filter((s) => s.caught).map((s) => s.requirement));
  const escaped = saboteurs.filter((s) => !s.caught);
  const without = model.results.requirements.filter((r) => !model.saboteurs.has(r.slug));
  page.append(
    h(
      'p',
      { class: 'headline' },
      h('b', {}, percent(model.sabotage.with_caught, model.sabotage.requirements)),
      ` of ${plural(model.sabotage.requirements, 'requirement')} have caught at least one; ${saboteurs.length - escaped.length} of ${plural(saboteurs.length, 'saboteur')} caught`,
    ),
    areas(model, caught),
  );
  if (without.length > 0) {
    page.append(
      h(
        'h2',
        {},
        'Requirements without a saboteur',
        h('span', { class: 'aside' }, String(without.length)),
      ),
      h(
        'ul',
        { class: 'columns' },
        without.map((r) =>
          h('li', {}, h('a', { href: requirement_href(r.slug), class: 'slug' }, r.slug)),
        ),
      ),
    );
  }
  const rows = [...escaped, ...saboteurs.filter((s) => s.caught)].map((s) =>
    h(
      'tr',
      {},
      h(
        'th',
        { scope: 'row' },
        h('a', { href: requirement_href(s.requirement), class: 'slug' }, s.requirement),
      ),
      h('td', {}, h('span', { class: 'slug' }, s.name)),
      h('td', {}, s.summary),
      h('td', {}, saboteur_outcome(s)),
      h(
        'td',
        {},
        h(
          'details',
          {},
          h('summary', {}, 'message'),
          h('pre', { class: 'message' }, s.message || 'none'),
        ),
      ),
    ),
  );
  page.append(
    h(
      'h2',
      {},
      'All saboteurs',
      h(
        'span',
        { class: 'aside' },
        escaped.length ? `${escaped.length} escaped, listed first` : 'none escaped',
      ),
    ),
    h(
      'div',
      { class: 'table-frame' },
      h(
        'table',
        { class: 'data' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Requirement', 'Saboteur', 'What it does wrong', 'Outcome', 'Evidence'].map((name) =>
              h('th', { scope: 'col' }, name),
            ),
          ),
        ),
        h('tbody', {}, rows),
      ),
    ),
  );
  return page;
}
