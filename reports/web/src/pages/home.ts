// The first page: what this is, the figures, the matrix.
import { create_controls } from '../controls';
import type { Model, Testee } from '../data';
import { h, implementation_href, percent, plural } from '../dom';
import { by_family } from '../families';
import { all_levels, type Filter, filter_href } from '../filter';
import { machine_line, tool_line } from '../machine';
import type { Matrix } from '../matrix';
import { mark } from '../stamp';
import { share } from '../table';
import { count, look_of, meanings } from '../verdict';

function when(date: string | undefined): string {
  if (!date) return '';
  const time = new Date(date);
  if (Number.isNaN(time.getTime())) return date;
  return (
    time.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }) +
    ' UTC'
  );
}

function masthead(model: Model): HTMLElement {
  const { tool, machine } = model.results;
  return h(
    'header',
    { class: 'masthead' },
    h(
      'h1',
      { tabindex: -1 },
      'What implementations do, requirement by requirement, and what it costs',
    ),
    h(
      'p',
      { class: 'lead' },
      'Every implementation was met from outside: driven through a socket or by its port, ',
      'judged by what it answered and by what the kernel says. Each cell opens its evidence.',
    ),
    h(
      'dl',
      { class: 'facts' },
      h('div', {}, h('dt', {}, 'Taken'), h('dd', {}, when(machine.date) || 'not recorded')),
      h('div', {}, h('dt', {}, 'Machine'), h('dd', {}, machine_line(machine) || 'not recorded')),
      h('div', {}, h('dt', {}, 'By'), h('dd', {}, tool_line(tool))),
    ),
  );
}

function tile(value: string, name: string, detail: string, href: string, kind = ''): HTMLElement {
  return h(
    'a',
    { class: `tile ${kind}`, href },
    h('span', { class: 'value' }, value),
    h('span', { class: 'name' }, name),
    h('span', { class: 'detail' }, detail),
  );
}

function tiles(model: Model): HTMLElement {
  const { requirements, testees, results } = model.results;
  const by_level = all_levels
    .map((level) => `${requirements.filter((r) => r.level === level).length} ${level}`)
    .join(' · ');
  const here = testees.filter((testee) => testee.here).length;
  const surprises = results.filter((result) => !result.expected).length;
  const known = results.filter((result) => result.verdict === 'expected fail').length;
  // Of implementations that are here: what this machine lacks something else for.
  const unjudged = results.filter(
    (result) => result.verdict === 'not here' && model.testee.get(result.testee)?.here,
  ).length;
  const unjudged_here = unjudged ? `, ${plural(unjudged, 'result')} not judged` : '';
  const sabotage = model.sabotage;
  return h(
    'div',
    { class: 'tiles' },
    tile(requirements.length.toLocaleString('en'), 'requirements', by_level, '#/'),
    tile(
      String(testees.length),
      'implementations',
      here === testees.length
        ? `all of them ran here${unjudged_here}`
        : `${here} ran here, ${testees.length - here} not here${unjudged_here}`,
      '#/',
    ),
    tile(
      surprises.toLocaleString('en'),
      surprises === 1 ? 'unexpected result' : 'unexpected results',
      `${plural(known, 'known deviation')} with a reason`,
      filter_href({ verdict: surprises ? 'surprise' : 'deviation' }),
      surprises ? 'warn' : '',
    ),
    sabotage
      ? tile(
          percent(sabotage.with_caught, sabotage.requirements),
          'with a caught saboteur',
          `${sabotage.with_caught} of ${plural(sabotage.requirements, 'requirement')}`,
          '#/saboteurs',
          sabotage.with_caught < sabotage.requirements ? 'warn' : '',
        )
      : tile('–', 'with a caught saboteur', 'not measured in this report', '#/saboteurs'),
  );
}

function share_of(model: Model, testee: Testee, slugs: string[]): HTMLElement {
  const total = count(model, testee.name, slugs);
  const deviations = total.judged - total.passed;
  const surprises = total.surprises ? `${total.surprises} unexpected` : 'all known';
  const href = implementation_href(testee.name);
  if (!testee.here) {
    const detail = `${testee.missing || 'a program'} is missing`;
    return share(testee.implementation, 0, 0, { href, detail, absent: 'not here' });
  }
  if (total.judged === 0) {
    const detail = 'supports none of these areas';
    return share(testee.implementation, 0, 0, { href, detail, absent: 'not judged' });
  }
  const detail = deviations ? `${plural(deviations, 'deviation')}, ${surprises}` : 'no deviation';
  return share(testee.implementation, total.passed, total.judged, { href, detail });
}

function shares(model: Model): HTMLElement {
  const slugs = model.results.requirements.map((requirement) => requirement.slug);
  function cards(testees: Testee[]): HTMLElement {
    const items = testees.map((testee) => h('li', {}, share_of(model, testee, slugs)));
    return h('ul', { class: 'shares' }, items);
  }
  const { testees } = model.results;
  const families = by_family(testees).map((family) => [
    h('h3', { class: 'family' }, family.name),
    cards(family.testees),
  ]);
  const aside = 'of the requirements that an implementation supports';
  return h(
    'section',
    { 'aria-labelledby': 'shares-title' },
    h('h2', { id: 'shares-title' }, 'Share passed', h('span', { class: 'aside' }, aside)),
    testees.length > 12 ? families : cards(testees),
  );
}

function legend(): HTMLElement {
  return h(
    'details',
    { class: 'legend' },
    h('summary', {}, 'What the marks mean'),
    h(
      'p',
      {},
      'The sign says what was observed. A filled box is a surprise; an outlined box is a ',
      'deviation that is known and has a reason.',
    ),
    h(
      'dl',
      {},
      meanings.map(({ verdict, meaning }) =>
        h(
          'div',
          {},
          h('dt', {}, mark(look_of(verdict, verdict === 'expected fail' ? 'fail' : '')), verdict),
          h('dd', {}, meaning),
        ),
      ),
    ),
  );
}

export interface Home {
  element: HTMLElement;
  apply(filter: Filter): void;
}

export function draw_home(model: Model, matrix: Matrix, changed: (filter: Filter) => void): Home {
  const controls = create_controls(model, changed);
  const element = h(
    'div',
    { class: 'home' },
    masthead(model),
    tiles(model),
    shares(model),
    h(
      'section',
      { 'aria-labelledby': 'matrix-title' },
      h(
        'h2',
        { id: 'matrix-title' },
        'Matrix',
        h('span', { class: 'aside' }, 'requirements down, implementations across'),
      ),
      controls.element,
      legend(),
      matrix.element,
    ),
  );
  return {
    element,
    apply(filter) {
      controls.set(filter, matrix.apply(filter));
    },
  };
}
