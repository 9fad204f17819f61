// The filter bar above the matrix.
import type { Model } from './data';
import { h } from './dom';
import { all_levels, type Filter, is_filtered, no_filter, verdict_choices } from './filter';
import { create_picker } from './picker';

export interface Controls {
  element: HTMLElement;
  set(filter: Filter, said: string): void;
}

/** The filter bar; every change is reported, the matrix and the address follow. */
export function create_controls(model: Model, changed: (filter: Filter) => void): Controls {
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
  const picker = create_picker(model, (without) => changed({ ...filter, without }));
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
    picker.element,
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
      picker.set(now.without);
      reset.hidden = !is_filtered(now) && now.without.size === 0;
      said.textContent = text_said;
    },
  };
}
