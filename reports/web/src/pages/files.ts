// Files of Google Benchmark side by side: a chart a family, its figures as a table under it.
import { draw_chart } from '../bench_chart';
import { type Behaviour, type Line, metrics, short_time } from '../bench_model';
import type { BenchFile } from '../data';
import { h, plural } from '../dom';
import { colour_class, draw_family } from '../files_chart';
import { families_of, type FileFamily, type Fit, type Series } from '../files_model';
import { data_table, number_cell, number_column } from '../table';

function title_of(series: Series, files: number): string {
  return [files > 1 ? series.file : '', series.variant].filter(Boolean).join(', ') || series.file;
}

function fit_text(fit: Fit): string {
  const order = fit.order === '(1)' ? 'constant' : fit.order.replace('lgN', ' lg N').trim();
  const off = `off by ${(100 * fit.rms).toFixed(fit.rms < 0.1 ? 1 : 0)} %`;
  return `≈ ${short_time(fit.coefficient)} · ${order}, ${off} (by ${fit.measured_by})`;
}

function legend(family: FileFamily, files: number): HTMLElement {
  const entries = family.series.map((series, at) =>
    h(
      'li',
      {},
      h('span', { class: `swatch ${colour_class(at)}`, 'aria-hidden': 'true' }),
      h('b', {}, title_of(series, files)),
      series.fit ? h('span', { class: 'muted' }, ` ${fit_text(series.fit)}`) : null,
    ),
  );
  return h('ul', { class: 'series-key', 'aria-label': 'series' }, entries);
}

/** A family without an argument is a bar of dots, a row a series. */
function as_behaviour(family: FileFamily, files: number): Behaviour {
  const lines = family.series.flatMap((series) =>
    series.points.map((point): Line => {
      const { samples, median, low, high } = point;
      const [min = median] = samples;
      const max = samples[samples.length - 1] ?? median;
      return { name: title_of(series, files), kind: 'peer', samples, min, low, median, high, max };
    }),
  );
  return {
    area: '',
    name: family.name,
    label: '',
    metric: metrics.real_time,
    lines: lines.sort((a, b) => a.median - b.median),
    failed: [],
  };
}

/** How many times as long as in the first file, which several files are compared with. */
function against_first(family: FileFamily, series: Series, at: number): string {
  const first = family.series.find((each) => each.variant === series.variant);
  const point = series.points[at];
  const other = first?.points.find((each) => each.x === point?.x);
  if (!first || first === series || !other || !point || other.median === 0) return '–';
  return `${(point.median / other.median).toFixed(2)}×`;
}

function figures(family: FileFamily, files: number): HTMLElement {
  const { argument, rate } = family;
  const rows = family.series.flatMap((series) =>
    series.points.map((point, at) => {
      const times = [point.median, point.low, point.high, point.cpu].map(short_time);
      const cells = [
        ...(argument ? [point.label] : []),
        ...times,
        ...(rate ? [point.rate > 0 ? metrics[rate].format(point.rate) : '–'] : []),
        ...(files > 1 ? [against_first(family, series, at)] : []),
        point.samples.length,
      ];
      const title = h('th', { scope: 'row' }, title_of(series, files));
      return h('tr', {}, title, cells.map(number_cell));
    }),
  );
  const names = [
    ...(argument ? [argument] : []),
    ...['Median', '95 % interval from', 'to', 'Processor time'],
    ...(rate ? [rate === 'bytes_per_second' ? 'Bytes' : 'Items'] : []),
    ...(files > 1 ? ['To the first file'] : []),
    'Runs',
  ];
  return h(
    'details',
    { class: 'figures' },
    h('summary', {}, 'Figures'),
    data_table(['Series', ...names.map(number_column)], rows, { caption: family.name }),
  );
}

function figure(family: FileFamily, files: number): HTMLElement {
  const canvas = h('div', { class: 'canvas' });
  const along = family.argument !== '' && family.series.some((each) => each.points.length > 1);
  const key = along ? legend(family, files) : null;
  const element = h(
    'figure',
    { class: 'bench' },
    h('figcaption', {}, h('h3', {}, family.name), key),
    canvas,
    family.failed.map((each) =>
      h('p', { class: 'callout' }, h('b', {}, each.name), ` of ${each.file}: ${each.message}`),
    ),
    family.series.length > 0 ? figures(family, files) : null,
  );
  if (family.series.length === 0) return element;
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.floor(canvas.clientWidth);
    if (width === 0 || width === drawn) return;
    drawn = width;
    canvas.replaceChildren(
      along ? draw_family(family, width) : draw_chart(as_behaviour(family, files), width),
    );
  }).observe(canvas);
  return element;
}

function context_line({ context }: BenchFile): string {
  const text = (key: string) => (context[key] === undefined ? '' : String(context[key]));
  const mhz = text('mhz_per_cpu');
  const processors = text('num_cpus');
  return [
    text('executable').split('/').pop(),
    text('date'),
    text('host_name'),
    processors && plural(Number(processors), 'processor') + (mhz ? ` of ${mhz} MHz` : ''),
    text('library_build_type') === 'debug' ? 'a debug build of Google Benchmark' : '',
    context.cpu_scaling_enabled === true ? 'CPU scaling was on: expect noise' : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

export function draw_files(files: BenchFile[]): HTMLElement {
  const families = families_of(files);
  const sources = files.map((file) =>
    h('div', {}, h('dt', {}, file.name), h('dd', {}, context_line(file) || 'no context')),
  );
  return h(
    'article',
    { class: 'page wide' },
    h('h1', { tabindex: -1 }, 'Benchmarks'),
    h(
      'p',
      { class: 'lead' },
      `${plural(families.length, 'family', 'families')} from ${plural(files.length, 'file')}. `,
      'Dots are medians, bands where they lie with 95 % confidence, ',
      'dashes the order that fits best.',
    ),
    h('dl', { class: 'facts files' }, sources),
    families.length === 0
      ? h('p', { class: 'empty' }, 'The files hold no benchmark.')
      : h(
          'div',
          { class: 'bench-grid' },
          families.map((family) => figure(family, files.length)),
        ),
  );
}
