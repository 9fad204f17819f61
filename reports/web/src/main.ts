// Puts the page together: the bar on top, the view under it, the evidence dialog above both.
import './style/tokens.css';
import './style/base.css';
import './style/home.css';
import './style/matrix.css';
import './style/evidence.css';
import './style/pages.css';
import './style/files.css';
import './style/print.css';

import { type BenchFile, build_model, type Model, read_data } from './data';
import { h } from './dom';
import { draw_files } from './pages/files';
import { is_home, Router } from './router';
import { theme_button } from './theme';

const tabs = [
  { href: '#/', name: 'Matrix' },
  { href: '#/benchmarks', name: 'Benchmarks' },
  { href: '#/claims', name: 'Claims' },
  { href: '#/saboteurs', name: 'Saboteurs' },
];

function is_tab_of(tab: string, hash: string): boolean {
  return tab === '#/' ? is_home(hash) : hash === tab || hash.startsWith(`${tab}/`);
}

function wordmark(href: string, label: string): HTMLElement {
  const punch = h('span', { class: 'punch', 'aria-hidden': 'true' }, '✓');
  return h('a', { class: 'wordmark', href, 'aria-label': label }, punch, 'assay');
}

function start_files(files: BenchFile[], app: HTMLElement): void {
  const bar = h('header', { class: 'bar-top' }, wordmark('#', 'assay, to the top'), theme_button());
  app.replaceChildren(bar, h('main', { id: 'view' }, draw_files(files)));
  document.title = 'Benchmarks · assay';
}

function start(model: Model, app: HTMLElement): void {
  const links = tabs.map((tab) => h('a', { href: tab.href }, tab.name));
  const router = new Router(model, (hash) => {
    links.forEach((link, at) => {
      if (is_tab_of(tabs[at]?.href ?? '', hash)) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    });
  });
  const skip = h('a', { class: 'skip', href: '#view' }, 'Skip to the content');
  skip.addEventListener('click', (event) => {
    event.preventDefault();
    router.view.querySelector('h1')?.focus();
  });
  const bar = h(
    'header',
    { class: 'bar-top' },
    wordmark('#/', 'assay, to the matrix'),
    h('nav', { 'aria-label': 'Views' }, links),
    theme_button(),
  );
  app.replaceChildren(skip, bar, router.view, router.evidence.element);
  router.start();
}

function say_instead(app: HTMLElement, title: string, text: string): void {
  app.replaceChildren(h('main', {}, h('h1', {}, title), h('p', { class: 'lead' }, text)));
}

async function open_report(app: HTMLElement): Promise<void> {
  if (!('DecompressionStream' in window)) {
    say_instead(
      app,
      'This browser is too old',
      'Its data are compressed: Chromium 80, Firefox 113, Safari 16.4 or newer opens it.',
    );
    return;
  }
  const data = await read_data();
  if (data && 'benchmark_files' in data) start_files(data.benchmark_files, app);
  else if (data) start(build_model(data), app);
  else
    say_instead(
      app,
      'An empty report',
      'Nothing was put into this page. “assay report” does that.',
    );
}

const app = document.getElementById('app');
if (app) {
  open_report(app).catch((why: unknown) =>
    say_instead(app, 'The data of this report cannot be read', String(why)),
  );
}
