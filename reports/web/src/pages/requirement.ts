// One requirement: its sentence, where it comes from, who does it, and who tries to get past it.
import type { Model, Requirement } from '../data';
import { duration, h, implementation_href } from '../dom';
import { claim_list, evidence_link, source_list } from '../evidence';
import { level_badge } from '../stamp';
import { data_table, number_cell, number_column } from '../table';
import { judged, reason_or_seen } from '../verdict';
import { saboteur_outcome } from './saboteurs';

function verdicts_table(model: Model, requirement: Requirement): HTMLElement {
  const rows = model.results.testees.map((testee) => {
    const result = model.result(testee.name, requirement.slug);
    return h(
      'tr',
      {},
      h(
        'th',
        { scope: 'row' },
        h('a', { href: implementation_href(testee.name) }, testee.implementation),
      ),
      h('td', {}, evidence_link(testee.name, requirement.slug, result)),
      number_cell(judged(result) ? duration(result.duration_ms) : ''),
      h('td', {}, result ? reason_or_seen(result) : ''),
    );
  });
  const took = number_column('Took');
  return data_table(['Implementation', 'Verdict', took, 'Reason'], rows);
}

function saboteur_list(model: Model, requirement: Requirement): HTMLElement {
  const tried = model.saboteurs.get(requirement.slug) ?? [];
  if (tried.length > 0) {
    return h(
      'ul',
      { class: 'saboteurs' },
      tried.map((saboteur) =>
        h(
          'li',
          {},
          saboteur_outcome(saboteur),
          h('div', {}, h('span', { class: 'slug' }, saboteur.name), h('p', {}, saboteur.summary)),
        ),
      ),
    );
  }
  if (requirement.saboteurs.length > 0) {
    return h(
      'p',
      { class: 'empty' },
      `${requirement.saboteurs.join(', ')}: not run in this report.`,
    );
  }
  return h(
    'p',
    { class: 'empty' },
    'No saboteur breaks this requirement, so nothing proves that its test can fail.',
  );
}

export function draw_requirement(model: Model, slug: string): HTMLElement | null {
  const requirement = model.requirement.get(slug);
  if (!requirement) return null;
  const area = model.areas.find((a) => a.name === requirement.area)?.requirements ?? [];
  const at = area.indexOf(requirement);
  const neighbour = (to: Requirement | undefined, label: string) =>
    to ? h('a', { href: `#/requirement/${to.slug}`, title: to.sentence }, label) : null;
  return h(
    'article',
    { class: 'page' },
    h(
      'p',
      { class: 'eyebrow' },
      h('a', { href: `#/?area=${requirement.area}` }, requirement.area),
      ' requirement ',
      level_badge(requirement.level),
    ),
    h('h1', { tabindex: -1, class: 'sentence' }, requirement.sentence),
    h('p', { class: 'slug' }, requirement.slug),
    requirement.erratum
      ? h(
          'div',
          { class: 'erratum', role: 'note' },
          h('b', {}, 'The notes are wrong here. '),
          requirement.erratum,
        )
      : null,
    h(
      'dl',
      { class: 'fields' },
      h('div', { class: 'field' }, h('dt', {}, 'Source'), h('dd', {}, source_list(requirement))),
      h(
        'div',
        { class: 'field' },
        h('dt', {}, 'Claims'),
        h('dd', {}, claim_list(model, requirement.covers)),
      ),
      requirement.file
        ? h(
            'div',
            { class: 'field' },
            h('dt', {}, 'Test'),
            h('dd', {}, h('code', {}, `${requirement.file}:${requirement.line}`)),
          )
        : null,
    ),
    h('h2', {}, 'Verdicts'),
    verdicts_table(model, requirement),
    h(
      'h2',
      {},
      'Saboteurs',
      h('span', { class: 'aside' }, 'wrong on purpose; the spec must catch them'),
    ),
    saboteur_list(model, requirement),
    h(
      'nav',
      { class: 'pager', 'aria-label': 'Requirements of this area' },
      neighbour(area[at - 1], '← previous'),
      neighbour(area[at + 1], 'next →'),
    ),
  );
}
