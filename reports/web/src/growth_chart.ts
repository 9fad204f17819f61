// A growth as a chart: a line an implementation through the medians, a band where they lie with
// 95 % confidence, both axes logarithmic. The floor is dashed.
import * as Plot from '@observablehq/plot';

import { colour_class } from './files_chart';
import type { Growth } from './growth';

/** Where a size stands: by its logarithm; nought a power of ten before the least of the others. */
function places_of({ sizes }: Growth): (x: number) => number {
  const least = Math.min(...sizes.map(({ x }) => x).filter((x) => x > 0));
  return (x) => Math.log10(x > 0 ? x : least / 10);
}

export function draw_growth(growth: Growth, width: number): Element {
  const { series, metric, sizes } = growth;
  const lines = series.flatMap(({ points }) => points.map(({ line }) => line));
  const place = places_of(growth);
  const ticks = sizes.map(({ x }) => place(x));
  const lowest = Math.min(...lines.map((line) => line.low)) / 1.3;
  const highest = Math.max(...lines.map((line) => line.high)) * 1.3;
  const axis = { label: null, grid: true, tickSize: 0 } as const;
  const marks = series.flatMap(({ kind, points }, at) => {
    const along = { x: 'x', className: colour_class(at) } as const;
    const rows = points.map(({ x, line }) => ({ x: place(x), ...line }));
    const strokeWidth = kind === 'reference' ? 2.75 : 1.5;
    const dashes = kind === 'floor' ? { strokeDasharray: '4,3' } : {};
    return [
      Plot.areaY(rows, { ...along, y1: 'low', y2: 'high', fillOpacity: 0.14 }),
      Plot.line(rows, { ...along, y: 'median', strokeWidth, ...dashes }),
      Plot.dot(rows, { ...along, y: 'median', r: kind === 'reference' ? 4 : 3 }),
    ];
  });
  const tick = (value: number) => metric.format(value).replace(/\.0+(?=\D|$)/, '');
  const chart = Plot.plot({
    width,
    height: Math.round(Math.min(330, Math.max(230, width * 0.5))),
    marginLeft: 72,
    marginRight: 28,
    marginTop: 10,
    marginBottom: 30,
    style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
    x: { ...axis, ticks, tickFormat: (_, at) => sizes[at]?.label ?? '' },
    y: { ...axis, type: 'log', domain: [lowest, highest], ticks: 4, tickFormat: tick },
    marks,
  });
  // The table under the chart says the same in words; the parts of a picture have no names.
  for (const part of chart.querySelectorAll('g[aria-label]')) {
    part.setAttribute('data-part', part.getAttribute('aria-label') ?? '');
    part.removeAttribute('aria-label');
  }
  chart.setAttribute('role', 'img');
  const ends = [sizes[0]?.label, sizes[sizes.length - 1]?.label].join(' to ');
  const said = series.map(({ name, points }) => {
    const first_and_last = [points[0], points[points.length - 1]];
    const texts = first_and_last.map((point) => (point ? metric.format(point.line.median) : ''));
    return `${name} ${texts.join(' to ')}`;
  });
  chart.setAttribute('aria-label', `${growth.name}, ${ends}: ${said.join('; ')}`);
  return chart;
}
