// One implementation: what it supports, what it passed, where it deviates and why.
import type { Model, Result, Testee } from '../data';
import { h, percent, plural, requirement_href } from '../dom';
import { evidence_link } from '../evidence';
import { level_badge, verdict_stamp } from '../stamp';
import { data_table, number_cell, number_column } from '../table';
import { count, deviates, judged, reason_or_seen } from '../verdict';

function support_list(testee: Testee): HTMLElement {
  const without = testee.supports
    .filter((name) => name.startsWith('-'))
    .map((name) => name.slice(1));
  const has = testee.supports.filter((name) => !name.startsWith('-'));
  return h(
    'p',
    {},
    'Supports ',
    has.map((name, at) => [at ? ', ' : '', h('code', {}, name)]),
    without.length
      ? [' without ', without.map((name, at) => [at ? ', ' : '', h('code', {}, name)])]
      : null,
    '.',
  );
}

function areas_table(model: Model, testee: Testee): HTMLElement {
  const rows = model.areas.map((area) => {
    const total = count(
      model,
      testee.name,
      area.requirements.map((r) => r.slug),
    );
    const results = area.requirements.map((r) => model.result(testee.name, r.slug));
    const unsupported = results.filter((r) => r && !judged(r)).length;
    const { judged: all, passed } = total;
    const cells = all
      ? [all, passed, percent(passed, all), all - passed || '–', unsupported || '–']
      : ['–', '–', '–', '–', unsupported || '–'];
    return h('tr', {}, h('th', { scope: 'row' }, area.name), cells.map(number_cell));
  });
  const columns = ['Judged', 'Passed', 'Share', 'Deviations', 'Not judged'].map(number_column);
  return data_table(['Area', ...columns], rows);
}

function deviation(model: Model, result: Result): HTMLElement {
  const requirement = model.requirement.get(result.requirement);
  return h(
    'li',
    {},
    evidence_link(result.testee, result.requirement, result),
    h(
      'div',
      {},
      h(
        'a',
        { href: requirement_href(result.requirement), class: 'sentence' },
        requirement?.sentence ?? result.requirement,
      ),
      ' ',
      level_badge(result.level),
      h('p', { class: 'slug' }, result.requirement),
      h('p', {}, reason_or_seen(result) || 'No reason is given.'),
    ),
  );
}

export function draw_implementation(model: Model, name: string): HTMLElement | null {
  const testee = model.testee.get(name);
  if (!testee) return null;
  const slugs = model.results.requirements.map((r) => r.slug);
  const total = count(model, name, slugs);
  const results = slugs.map((slug) => model.result(name, slug));
  const surprises = results.filter((r): r is Result => !!r && !r.expected);
  const known = results.filter((r): r is Result => deviates(r) && r.expected);
  const not_here = results.filter((r): r is Result => r?.verdict === 'not here');
  const page = h(
    'article',
    { class: 'page' },
    h('p', { class: 'eyebrow' }, 'Implementation'),
    h('h1', { tabindex: -1 }, testee.implementation),
    h('p', { class: 'lead' }, testee.summary),
    h(
      'p',
      { class: 'muted' },
      [testee.version || null, testee.language, `testee ${testee.name}`]
        .filter(Boolean)
        .join(' · '),
    ),
    testee.here
      ? null
      : h(
          'p',
          { class: 'callout' },
          verdict_stamp('not here'),
          ` Nothing was run: ${testee.missing || 'a program'} is missing on this machine.`,
        ),
    support_list(testee),
    testee.here
      ? h(
          'p',
          { class: 'headline' },
          h('b', {}, percent(total.passed, total.judged)),
          ` passed: ${total.passed} of ${plural(total.judged, 'requirement')} judged`,
        )
      : null,
    areas_table(model, testee),
  );
  if (surprises.length > 0) {
    page.append(
      h('h2', {}, 'Unexpected', h('span', { class: 'aside' }, plural(surprises.length, 'result'))),
      h(
        'ul',
        { class: 'deviations' },
        surprises.map((r) => deviation(model, r)),
      ),
    );
  }
  if (testee.here && not_here.length > 0) {
    page.append(
      h('h2', {}, 'Not here', h('span', { class: 'aside' }, plural(not_here.length, 'result'))),
      h('p', {}, 'This machine lacks what these need, so they were not judged.'),
      h(
        'ul',
        { class: 'deviations' },
        not_here.map((r) => deviation(model, r)),
      ),
    );
  }
  page.append(
    h('h2', {}, 'Known deviations', h('span', { class: 'aside' }, plural(known.length, 'result'))),
  );
  page.append(
    known.length > 0
      ? h(
          'ul',
          { class: 'deviations' },
          known.map((r) => deviation(model, r)),
        )
      : h('p', { class: 'empty' }, 'None is listed.'),
  );
  return page;
}
