// The first page: what this is, the figures, the matrix.
import type { Machine, Model } from '../data';
import { bytes, h, implementation_href, percent, plural } from '../dom';
import {
  all_levels,
  type Filter,
  filter_href,
  is_filtered,
  no_filter,
  verdict_choices,
} from '../filter';
import type { Matrix } from '../matrix';
import { mark } from '../stamp';
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

function load_text(load: Machine['load']): string | null {
  if (load === undefined || load === null || load === '') return null;
  const first = Array.isArray(load) ? load[0] : load;
  return `load ${typeof first === 'number' ? first.toFixed(2) : first}`;
}

export function machine_line(machine: Machine): string {
  return [
    machine.cpu,
    machine.cores ? plural(machine.cores, 'core') : null,
    machine.memory_bytes ? `${bytes(machine.memory_bytes)} of memory` : null,
    machine.os,
    machine.kernel,
    load_text(machine.load),
  ]
    .filter(Boolean)
    .join(' · ');
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
      'Every implementation was met from outside: driven through a socket or by its port, judged by what it answered and by what the kernel says. Each cell opens its evidence.',
    ),
    h(
      'dl',
      { class: 'facts' },
      h('div', {}, h('dt', {}, 'Taken'), h('dd', {}, when(machine.date) || 'not recorded')),
      h('div', {}, h('dt', {}, 'Machine'), h('dd', {}, machine_line(machine) || 'not recorded')),
      h(
        'div',
        {},
        h('dt', {}, 'By'),
        h(
          'dd',
          {},
          `${tool.name} ${tool.version}`,
          tool.commit
            ? h('span', { class: 'muted' }, ` · commit ${tool.commit.slice(0, 12)}`)
            : null,
        ),
      ),
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
  const sabotage = model.sabotage;
  return h(
    'div',
    { class: 'tiles' },
    tile(requirements.length.toLocaleString('en'), 'requirements', by_level, '#/'),
    tile(
      String(testees.length),
      'implementations',
      here === testees.length
        ? 'all of them ran here'
        : `${here} ran here, ${testees.length - here} not here`,
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

function shares(model: Model): HTMLElement {
  const slugs = model.results.requirements.map((requirement) => requirement.slug);
  const cards = model.results.testees.map((testee) => {
    const total = count(model, testee.name, slugs);
    const known = total.judged - total.passed;
    return h(
      'li',
      {},
      h(
        'a',
        { href: implementation_href(testee.name), class: 'share' },
        h('span', { class: 'who' }, testee.implementation),
        testee.here
          ? h(
              'span',
              { class: 'figure' },
              percent(total.passed, total.judged),
              h('span', { class: 'muted' }, ` ${total.passed}/${total.judged}`),
            )
          : h('span', { class: 'figure muted' }, 'not here'),
        h(
          'span',
          { class: `bar${total.surprises ? ' surprised' : ''}`, 'aria-hidden': 'true' },
          total.judged
            ? h('span', { style: `width:${((100 * total.passed) / total.judged).toFixed(1)}%` })
            : null,
        ),
        h(
          'span',
          { class: 'detail' },
          !testee.here
            ? `${testee.missing || 'a program'} is missing`
            : known === 0
              ? 'no deviation'
              : `${plural(known, 'deviation')}${total.surprises ? `, ${total.surprises} unexpected` : ', all known'}`,
        ),
      ),
    );
  });
  return h(
    'section',
    { 'aria-labelledby': 'shares-title' },
    h(
      'h2',
      { id: 'shares-title' },
      'Share passed',
      h('span', { class: 'aside' }, 'of the requirements that an implementation supports'),
    ),
    h('ul', { class: 'shares' }, cards),
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
      'The sign says what was observed. A filled box is a surprise; an outlined box is a deviation that is known and has a reason.',
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

export interface Controls {
  element: HTMLElement;
  set(filter: Filter, said: string): void;
}

/** The filter bar; every change is reported, the matrix and the address follow. */
function create_controls(model: Model, changed: (filter: Filter) => void): Controls {
  let filter = no_filter();
  const text = h('input', {
    type: 'search',
    id: 'filter-text',
    placeholder: 'Search sentence, slug, source, claim',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const area = h(
    'select',
    { id: 'filter-area' },
    h('option', { value: '' }, 'all areas'),
    model.areas.map((a) => h('option', { value: a.name }, a.name)),
  );
  const verdict = h(
    'select',
    { id: 'filter-verdict' },
    h('option', { value: '' }, 'any verdict'),
    verdict_choices.map((choice) => h('option', { value: choice.value }, choice.label)),
  );
  const levels = all_levels.map((level) => {
    const box = h('input', { type: 'checkbox', value: level });
    box.addEventListener('change', () => {
      const chosen = new Set(filter.levels);
      if (box.checked) chosen.add(level);
      else chosen.delete(level);
      changed({ ...filter, levels: new Set(all_levels.filter((l) => chosen.has(l))) });
    });
    return { level, box, label: h('label', { class: 'toggle' }, box, h('span', {}, level)) };
  });
  const said = h('output', { class: 'said', 'aria-live': 'polite' });
  const reset = h('button', { type: 'button', class: 'quiet', hidden: true }, 'Clear filters');
  text.addEventListener('input', () => changed({ ...filter, text: text.value.trim() }));
  area.addEventListener('change', () => changed({ ...filter, area: area.value }));
  verdict.addEventListener('change', () => changed({ ...filter, verdict: verdict.value }));
  reset.addEventListener('click', () => {
    changed(no_filter());
    text.focus();
  });
  const element = h(
    'form',
    {
      class: 'controls',
      role: 'search',
      'aria-label': 'Filter the matrix',
      onsubmit: (event: Event) => event.preventDefault(),
    },
    h('label', { class: 'hidden', for: 'filter-text' }, 'Search'),
    text,
    h('label', { class: 'hidden', for: 'filter-area' }, 'Area'),
    area,
    h('label', { class: 'hidden', for: 'filter-verdict' }, 'Verdict'),
    verdict,
    h(
      'fieldset',
      {},
      h('legend', { class: 'hidden' }, 'Level'),
      levels.map((l) => l.label),
    ),
    reset,
    said,
  );
  return {
    element,
    set(now, text_said) {
      filter = now;
      if (text.value.trim() !== now.text) text.value = now.text;
      area.value = now.area;
      verdict.value = now.verdict;
      for (const { level, box } of levels) box.checked = now.levels.has(level);
      reset.hidden = !is_filtered(now);
      said.textContent = text_said;
    },
  };
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
