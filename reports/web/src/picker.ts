// Which implementations the matrix shows: a list to tick, by family, with a search field.
import type { Model } from './data';
import { h } from './dom';
import { by_family } from './families';

export interface Picker {
  element: HTMLElement;
  set(without: Set<string>): void;
}

/** `changed` is given the names of those that are not to be shown. */
export function create_picker(model: Model, changed: (without: Set<string>) => void): Picker {
  let without = new Set<string>();
  const { testees } = model.results;
  const boxes = new Map<string, HTMLInputElement>();

  function show(names: string[], shown: boolean): void {
    const now = new Set(without);
    for (const name of names) {
      if (shown) now.delete(name);
      else now.add(name);
    }
    changed(now);
  }

  const rows = by_family(testees).map((family) => {
    const names = family.testees.map((testee) => testee.name);
    const items = family.testees.map((testee) => {
      const box = h('input', { type: 'checkbox', checked: true });
      boxes.set(testee.name, box);
      box.addEventListener('change', () => show([testee.name], box.checked));
      const words = `${testee.name} ${testee.implementation} ${testee.language}`.toLowerCase();
      const language = h('span', { class: 'muted' }, testee.language);
      const element = h('label', {}, box, h('span', {}, testee.implementation), language);
      return { element, words };
    });
    const only = h('button', { type: 'button', class: 'quiet' }, 'only these');
    only.addEventListener('click', () => {
      const wanted = new Set(names);
      changed(new Set(testees.map((testee) => testee.name).filter((name) => !wanted.has(name))));
    });
    const fields = items.map((item) => item.element);
    const element = h('fieldset', {}, h('legend', {}, family.name, only), fields);
    return { element, items };
  });

  const search = h('input', {
    type: 'search',
    placeholder: 'Name or language',
    'aria-label': 'Search implementations',
  });
  search.addEventListener('input', () => {
    const words = search.value.trim().toLowerCase().split(/\s+/);
    for (const row of rows) {
      for (const item of row.items) {
        item.element.hidden = !words.every((word) => item.words.includes(word));
      }
      row.element.hidden = row.items.every((item) => item.element.hidden);
    }
  });
  const all = h('button', { type: 'button', class: 'quiet' }, 'Show all');
  all.addEventListener('click', () => changed(new Set()));

  const summary = h('summary', {});
  const panel = h('div', { class: 'panel' }, h('p', {}, search, all), rows.map((r) => r.element));
  const element = h('details', { class: 'picker' }, summary, panel);
  document.addEventListener('click', (event) => {
    if (element.open && !element.contains(event.target as Node)) element.open = false;
  });
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !element.open) return;
    element.open = false;
    summary.focus();
  });
  return {
    element,
    set(now) {
      without = now;
      for (const [name, box] of boxes) box.checked = !now.has(name);
      const shown = testees.length - now.size;
      summary.textContent =
        now.size === 0
          ? `all ${testees.length} implementations`
          : `${shown} of ${testees.length} implementations`;
      all.hidden = now.size === 0;
    },
  };
}
