// How cost grows with a size, as a figure of the page of benchmarks.
import { ratio_text } from '../bench_model';
import { h } from '../dom';
import { colour_class } from '../files_chart';
import { type Growth, ratio_range } from '../growth';
import { draw_growth } from '../growth_chart';
import { data_table, number_cell, number_column } from '../table';

function ratio_sentence(growth: Growth): HTMLElement | null {
  const to = (kind: 'peer' | 'floor', what: string) => {
    const range = ratio_range(growth, kind);
    if (!range) return null;
    const texts = [...new Set(range.map(ratio_text))];
    return h(
      'span',
      { class: `ratio${range[0] >= 1 ? ' ahead' : ''}` },
      h('b', {}, texts.join(' to ')),
      ` ${what}`,
    );
  };
  const parts = [to('peer', 'the best peer'), to('floor', 'the floor')].filter(Boolean);
  return parts.length > 0 ? h('p', { class: 'ratios' }, parts) : null;
}

function legend({ series }: Growth): HTMLElement {
  const entries = series.map(({ name, kind }, at) => {
    const swatch = { class: `swatch ${colour_class(at)} ${kind}`, 'aria-hidden': 'true' };
    return h('li', {}, h('span', swatch), kind === 'reference' ? h('b', {}, name) : name);
  });
  return h('ul', { class: 'series-key in-a-row', 'aria-label': 'lines' }, entries);
}

function figures({ name, area, metric, sizes, series }: Growth): HTMLElement {
  const rows = series.map(({ name: who, kind, points }) => {
    const cells = sizes.map(({ x }) => {
      const point = points.find((each) => each.x === x);
      return number_cell(point ? metric.format(point.line.median) : '–');
    });
    return h('tr', { class: kind }, h('th', { scope: 'row' }, who), cells);
  });
  const columns = sizes.map(({ label }) => number_column(label));
  return h(
    'details',
    { class: 'figures' },
    h('summary', {}, 'Figures'),
    data_table(['Median', ...columns], rows, { caption: `${area}, ${name}` }),
  );
}

export function growth_figure(growth: Growth): HTMLElement {
  const canvas = h('div', { class: 'canvas' });
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.floor(canvas.clientWidth);
    if (width === 0 || width === drawn) return;
    drawn = width;
    canvas.replaceChildren(draw_growth(growth, width));
  }).observe(canvas);
  return h(
    'figure',
    { class: 'bench growth' },
    h(
      'figcaption',
      {},
      h('h3', {}, growth.name),
      ratio_sentence(growth),
      growth.label ? h('p', { class: 'muted' }, growth.label) : null,
      legend(growth),
    ),
    canvas,
    growth.failed.map((f) =>
      h('p', { class: 'callout' }, h('b', {}, f.name), ` is left out: ${f.message}`),
    ),
    figures(growth),
  );
}
