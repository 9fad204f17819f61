// Which view stands in the page, by the address's hash, and the evidence dialog above it.
//
//   #/                                the matrix; a filter stands behind `?`
//   #/implementation/NAME  #/requirement/SLUG  #/claims[/ID]  #/saboteurs  #/benchmarks
//   #/evidence/TESTEE/SLUG            the dialog, over whatever view stands there
import type { Model } from './data';
import { evidence_href, h } from './dom';
import { create_evidence, type Evidence } from './evidence';
import { type Filter, filter_href, no_filter, parse_filter } from './filter';
import { type Cell, Matrix } from './matrix';
import { draw_benchmarks } from './pages/benchmarks';
import { draw_claims } from './pages/claims';
import { draw_home, type Home } from './pages/home';
import { draw_implementation } from './pages/implementation';
import { draw_requirement } from './pages/requirement';
import { draw_saboteurs } from './pages/saboteurs';

function not_found(what: string): HTMLElement {
  return h(
    'article',
    { class: 'page' },
    h('h1', { tabindex: -1 }, 'Not in this report'),
    h('p', { class: 'lead' }, what),
    h('p', {}, h('a', { href: '#/' }, 'Back to the matrix')),
  );
}

/** The page of a hash other than the matrix's. */
function page_of(model: Model, hash: string): HTMLElement {
  const [, name = '', rest = ''] = /^#\/([^/?]*)\/?(.*)$/.exec(hash) ?? [];
  const wanted = decode(rest);
  switch (name) {
    case 'implementation':
      return (
        draw_implementation(model, wanted) ?? not_found(`No implementation is called ${wanted}.`)
      );
    case 'requirement':
      return draw_requirement(model, wanted) ?? not_found(`No requirement is called ${wanted}.`);
    case 'claims':
      return draw_claims(model, wanted);
    case 'saboteurs':
      return draw_saboteurs(model);
    case 'benchmarks':
      return draw_benchmarks(model);
    default:
      return not_found(`There is no page ${hash}.`);
  }
}

/** As decodeURIComponent, but a stray percent sign is itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function is_home(hash: string): boolean {
  return hash === '' || hash === '#' || hash === '#/' || hash.startsWith('#/?');
}

export class Router {
  readonly view = h('main', { id: 'view' });
  readonly evidence: Evidence;
  private readonly matrix: Matrix;
  private readonly home: Home;
  private base = '#/'; // the address of the view behind the dialog
  private pushed = false; // opening the dialog made an entry in the history
  private home_scroll = 0;
  private opener: HTMLElement | null = null; // what the dialog gives the focus back to

  constructor(
    private readonly model: Model,
    private readonly shown: (hash: string) => void,
  ) {
    this.matrix = new Matrix(model, (cell) => {
      location.hash = evidence_href(cell.testee, cell.slug);
    });
    this.home = draw_home(model, this.matrix, (filter) => this.change_filter(filter));
    this.evidence = create_evidence(model, {
      order: () =>
        is_home(this.base)
          ? this.matrix.shown()
          : model.results.requirements.map((requirement) => requirement.slug),
      closed: () => this.dialog_closed(),
      moved: (cell) => this.dialog_moved(cell),
      cell_at: (x, y) => this.matrix.at(x, y),
    });
  }

  start(): void {
    window.addEventListener('hashchange', () => this.route(false));
    this.route(true);
  }

  private route(first: boolean): void {
    const hash = location.hash;
    const cell = /^#\/evidence\/([^/]+)\/(.+)$/.exec(hash);
    if (cell) {
      this.open_evidence(decode(cell[1] ?? ''), decode(cell[2] ?? ''), first);
      return;
    }
    this.pushed = false;
    // On the way back from the dialog the view stands as it was left.
    if (first || (hash || '#/') !== this.base) {
      if (is_home(hash)) this.show_home(hash, first);
      else this.show(page_of(this.model, hash), hash, first);
    }
    this.evidence.close();
  }

  private open_evidence(testee: string, slug: string, first: boolean): void {
    if (!this.view.firstChild) this.show_home('#/', first);
    const on_matrix =
      this.view.firstChild === this.home.element ? this.matrix.element_of({ testee, slug }) : null;
    const active = document.activeElement;
    const from = active instanceof HTMLElement && active !== document.body ? active : null;
    this.set_opener(on_matrix ?? from);
    if (first) on_matrix?.scrollIntoView({ block: 'center' });
    this.pushed ||= !first;
    this.evidence.open(testee, slug);
  }

  private set_opener(element: HTMLElement | null): void {
    this.opener?.classList.remove('open');
    this.opener = element;
    if (element?.tagName !== 'TD') return;
    element.tabIndex = -1;
    element.classList.add('open');
  }

  private dialog_closed(): void {
    if (location.hash.startsWith('#/evidence/')) {
      if (this.pushed) history.back();
      else history.replaceState(null, '', this.base);
    }
    this.pushed = false;
    this.opener?.classList.remove('open');
    const back = this.opener?.isConnected ? this.opener : this.view.querySelector('h1');
    back?.focus({ preventScroll: true });
  }

  private dialog_moved(cell: Cell): void {
    history.replaceState(null, '', evidence_href(cell.testee, cell.slug));
    if (this.view.firstChild !== this.home.element) return;
    this.set_opener(this.matrix.element_of(cell) ?? this.opener);
    this.opener?.scrollIntoView({ block: 'nearest' });
  }

  private change_filter(filter: Filter): void {
    this.base = filter_href(filter);
    history.replaceState(null, '', this.base);
    this.home.apply(filter);
  }

  private show_home(hash: string, first: boolean): void {
    const query = hash.indexOf('?');
    this.home.apply(query < 0 ? no_filter() : parse_filter(hash.slice(query + 1), this.model));
    const there = this.view.firstChild === this.home.element;
    this.base = hash === '' || hash === '#' ? '#/' : hash;
    if (!there) this.show(this.home.element, this.base, first);
  }

  private show(element: HTMLElement, hash: string, first: boolean): void {
    if (this.view.firstChild === this.home.element) this.home_scroll = window.scrollY;
    this.view.replaceChildren(element);
    this.base = hash;
    this.shown(hash);
    const heading = element.querySelector('h1');
    document.title = is_home(hash) ? 'assay' : `${heading?.textContent ?? ''} · assay`;
    if (first) return;
    heading?.focus({ preventScroll: true });
    window.scrollTo(0, element === this.home.element ? this.home_scroll : 0);
  }
}
