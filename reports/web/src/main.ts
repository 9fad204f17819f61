// Puts the page together: the bar, one view at a time by the address's hash, the evidence dialog.
import './style/tokens.css';
import './style/base.css';
import './style/home.css';
import './style/matrix.css';
import './style/evidence.css';
import './style/pages.css';
import './style/print.css';

import { build_model, type Model, read_data } from './data';
import { evidence_href, h } from './dom';
import { create_evidence } from './evidence';
import { type Filter, filter_href, no_filter, parse_filter } from './filter';
import { draw_matrix } from './matrix';
import { draw_benchmarks } from './pages/benchmarks';
import { draw_claims } from './pages/claims';
import { draw_home } from './pages/home';
import { draw_implementation } from './pages/implementation';
import { draw_requirement } from './pages/requirement';
import { draw_saboteurs } from './pages/saboteurs';
import { theme_button } from './theme';

const tabs = [
  { href: '#/', name: 'Matrix' },
  { href: '#/benchmarks', name: 'Benchmarks' },
  { href: '#/claims', name: 'Claims' },
  { href: '#/saboteurs', name: 'Saboteurs' },
];

function not_found(what: string): HTMLElement {
  return h(
    'article',
    { class: 'page' },
    h('h1', { tabindex: -1 }, 'Not in this report'),
    h('p', { class: 'lead' }, what),
    h('p', {}, h('a', { href: '#/' }, 'Back to the matrix')),
  );
}

function start(model: Model, app: HTMLElement): void {
  const view = h('main', { id: 'view' });
  const links = tabs.map((tab) => h('a', { href: tab.href }, tab.name));
  const skip = h('a', { class: 'skip', href: '#view' }, 'Skip to the content');
  skip.addEventListener('click', (event) => {
    event.preventDefault();
    view.querySelector<HTMLElement>('h1')?.focus();
  });
  const bar = h(
    'div',
    { class: 'bar-top' },
    h(
      'a',
      { class: 'wordmark', href: '#/', 'aria-label': 'assay, to the matrix' },
      h('span', { class: 'punch', 'aria-hidden': 'true' }, '✓'),
      'assay',
    ),
    h('nav', { 'aria-label': 'Views' }, links),
    theme_button(),
  );

  let filter = no_filter();
  let base = '#/'; // the address of the view behind the dialog
  let pushed = false; // opening the dialog made an entry in the history
  let home_scroll = 0;
  let opener: HTMLElement | null = null;

  const matrix = draw_matrix(model, (testee, slug) => {
    location.hash = evidence_href(testee, slug);
  });
  const home = draw_home(model, matrix, change_filter);
  const evidence = create_evidence(model, {
    order: () => (is_home(base) ? matrix.shown() : model.results.requirements.map((r) => r.slug)),
    closed: () => {
      if (location.hash.startsWith('#/evidence/')) {
        if (pushed) history.back();
        else history.replaceState(null, '', base);
      }
      pushed = false;
      (opener?.isConnected ? opener : view.querySelector<HTMLElement>('h1'))?.focus({
        preventScroll: true,
      });
    },
    moved: (testee, slug) => {
      history.replaceState(null, '', evidence_href(testee, slug));
      opener = matrix.cell(testee, slug) ?? opener;
      if (opener) {
        opener.tabIndex = -1;
        opener.scrollIntoView({ block: 'nearest' });
      }
    },
    cell_at: (x, y) => {
      const cell = document
        .elementsFromPoint(x, y)
        .map((e) => e.closest<HTMLElement>('td.cell'))
        .find(Boolean);
      const testee = model.results.testees[Number(cell?.dataset.at)];
      const slug = cell?.closest<HTMLElement>('tr')?.dataset.slug;
      return testee && slug ? { testee: testee.name, slug } : null;
    },
  });

  function is_home(hash: string): boolean {
    return hash === '' || hash === '#' || hash === '#/' || hash.startsWith('#/?');
  }

  function change_filter(next: Filter): void {
    filter = next;
    base = filter_href(filter);
    history.replaceState(null, '', base);
    home.apply(filter);
  }

  function show(element: HTMLElement, hash: string, first: boolean): void {
    if (view.firstChild === home.element && element !== home.element) home_scroll = window.scrollY;
    view.replaceChildren(element);
    base = hash;
    for (const [at, link] of links.entries()) {
      const tab = tabs[at]?.href ?? '';
      const here = tab === '#/' ? is_home(hash) : hash === tab || hash.startsWith(`${tab}/`);
      if (here) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    document.title = is_home(hash)
      ? 'assay'
      : `${element.querySelector('h1')?.textContent ?? ''} · assay`;
    if (first) return;
    if (element !== home.element) window.scrollTo(0, 0);
    element.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    if (element === home.element) window.scrollTo(0, home_scroll);
  }

  function page_of(hash: string): HTMLElement {
    const [, name = '', rest = ''] = /^#\/([^/?]*)\/?(.*)$/.exec(hash) ?? [];
    switch (name) {
      case 'implementation': {
        const wanted = decodeURIComponent(rest);
        return (
          draw_implementation(model, wanted) ?? not_found(`No implementation is called ${wanted}.`)
        );
      }
      case 'requirement':
        return (
          draw_requirement(model, decodeURIComponent(rest)) ??
          not_found(`No requirement is called ${decodeURIComponent(rest)}.`)
        );
      case 'claims':
        return draw_claims(model, decodeURIComponent(rest));
      case 'saboteurs':
        return draw_saboteurs(model);
      case 'benchmarks':
        return draw_benchmarks(model);
      default:
        return not_found(`There is no page ${hash}.`);
    }
  }

  function route(first: boolean): void {
    const hash = location.hash;
    const cell = /^#\/evidence\/([^/]+)\/(.+)$/.exec(hash);
    if (cell) {
      if (!view.firstChild) show_home('#/', first);
      const testee = decodeURIComponent(cell[1] ?? '');
      const slug = decodeURIComponent(cell[2] ?? '');
      const on_matrix = view.firstChild === home.element ? matrix.cell(testee, slug) : null;
      const active = document.activeElement;
      opener =
        on_matrix ?? (active instanceof HTMLElement && active !== document.body ? active : null);
      if (on_matrix) on_matrix.tabIndex = -1;
      if (first) on_matrix?.scrollIntoView({ block: 'center' });
      pushed ||= !first;
      evidence.open(testee, slug);
      return;
    }
    pushed = false;
    // The way back from the dialog: the view stands as it was left.
    if (first || (hash || '#/') !== base) {
      if (is_home(hash)) show_home(hash, first);
      else show(page_of(hash), hash, first);
    }
    evidence.close();
  }

  function show_home(hash: string, first: boolean): void {
    filter = hash.includes('?')
      ? parse_filter(hash.slice(hash.indexOf('?') + 1), model)
      : no_filter();
    const already = view.firstChild === home.element;
    home.apply(filter);
    base = hash === '' || hash === '#' ? '#/' : hash;
    if (!already) show(home.element, base, first);
  }

  app.replaceChildren(skip, bar, view, evidence.element);
  window.addEventListener('hashchange', () => route(false));
  route(true);
}

const app = document.getElementById('app');
if (app) {
  const data = read_data();
  if (data) {
    start(build_model(data), app);
  } else {
    app.replaceChildren(
      h(
        'article',
        { class: 'page' },
        h('h1', {}, 'An empty report'),
        h('p', { class: 'lead' }, 'Nothing was put into this page. “assay report” does that.'),
      ),
    );
  }
}
