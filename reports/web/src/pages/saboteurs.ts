// Who tests the tests: every saboteur, and whether the spec caught it.
import { command } from '../copy';
import type { Model, Saboteur } from '../data';
import { h, percent, plural, requirement_href } from '../dom';
import { verdict_stamp } from '../stamp';
import { data_table, share } from '../table';

export function saboteur_outcome(saboteur: Saboteur): HTMLElement {
  if (saboteur.verdict === 'not here') return verdict_stamp('not here');
  const kind = saboteur.caught ? 'pass' : 'bad';
  return h(
    'span',
    { class: `stamp ${kind}` },
    h('span', { class: `mark ${kind}`, 'aria-hidden': 'true' }, saboteur.caught ? '✓' : '✕'),
    saboteur.caught ? `caught: ${saboteur.verdict}` : 'escaped',
  );
}

function areas(model: Model, caught: Set<string>): HTMLElement {
  const cards = model.areas.map(({ name, requirements }) => {
    const part = requirements.filter((requirement) => caught.has(requirement.slug)).length;
    return h('li', {}, share(name, part, requirements.length));
  });
  return h('ul', { class: 'shares' }, cards);
}

function slug_link(slug: string): HTMLElement {
  return h('a', { href: requirement_href(slug), class: 'slug' }, slug);
}

function row(saboteur: Saboteur): HTMLTableRowElement {
  const message = h('pre', { class: 'message' }, saboteur.message || 'none');
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, slug_link(saboteur.requirement)),
    h('td', {}, h('span', { class: 'slug' }, saboteur.name)),
    h(
      'td',
      {},
      saboteur.summary,
      h('details', { class: 'quiet' }, h('summary', {}, 'what the spec said'), message),
    ),
    h('td', {}, saboteur_outcome(saboteur)),
  );
}

function not_measured(): Node[] {
  const report = 'assay report --results results.json --sabotage sabotage.json -o report.html';
  const hint = 'This report was made without them. To measure the share:';
  const made = command('assay sabotage --json sabotage.json');
  return [h('p', { class: 'empty' }, hint), made, command(report)];
}

/** Requirements of which nothing proves that their test can fail. */
function without_saboteur(model: Model): Node[] {
  const bare = model.results.requirements.filter(({ slug }) => !model.saboteurs.has(slug));
  if (bare.length === 0) return [];
  const aside = h('span', { class: 'aside' }, bare.length);
  return [
    h('h2', {}, 'Requirements without a saboteur', aside),
    h(
      'ul',
      { class: 'columns' },
      bare.map(({ slug }) => h('li', {}, slug_link(slug))),
    ),
  ];
}

export function draw_saboteurs(model: Model): HTMLElement {
  const page = h(
    'article',
    { class: 'page wide' },
    h('h1', { tabindex: -1 }, 'Saboteurs'),
    h(
      'p',
      { class: 'lead' },
      'A saboteur is an implementation that is wrong on purpose: it breaks one requirement, ',
      'and the spec has to fail it there. A test that no saboteur can trip proves little.',
    ),
  );
  if (!model.sabotage) {
    page.append(...not_measured());
    return page;
  }
  const { saboteurs, requirements, with_caught } = model.sabotage;
  const caught = saboteurs.filter((saboteur) => saboteur.caught);
  const not_here = saboteurs.filter((saboteur) => saboteur.verdict === 'not here');
  const escaped = saboteurs.filter((saboteur) => !saboteur.caught && !not_here.includes(saboteur));
  const aside = [
    escaped.length ? `${escaped.length} escaped, listed first` : 'none escaped',
    not_here.length ? `${not_here.length} not here` : '',
  ];
  page.append(
    h(
      'p',
      { class: 'headline' },
      h('b', {}, percent(with_caught, requirements)),
      ` of ${plural(requirements, 'requirement')} have caught at least one; `,
      `${caught.length} of ${plural(saboteurs.length, 'saboteur')} caught`,
    ),
    areas(model, new Set(caught.map((saboteur) => saboteur.requirement))),
    ...without_saboteur(model),
    h('h2', {}, 'All saboteurs', h('span', { class: 'aside' }, aside.filter(Boolean).join(', '))),
    data_table(
      ['Requirement', 'Saboteur', 'What it does wrong', 'Outcome'],
      [...escaped, ...not_here, ...caught].map(row),
    ),
  );
  return page;
}
