// A family of benchmarks along its argument: a line a series through the medians, a band where
// they lie with 95 % confidence, and dashed the curve of the order that fits.
import * as Plot from '@observablehq/plot';

import { short_number, short_time } from './bench_model';
import type { FileFamily, Point, Series } from './files_model';

export const colour_count = 8;

/** The class of the n-th series; style/files.css gives each its colour, light and dark. */
export function colour_class(at: number): string {
  return `series-${at % colour_count}`;
}

/** Logarithmic as soon as the greatest is so many times the least. */
function scale(values: number[], wide: number): { type: 'log' | 'linear'; domain: number[] } {
  const lowest = Math.min(...values);
  const highest = Math.max(...values);
  if (lowest > 0 && highest / lowest >= wide) return { type: 'log', domain: [lowest, highest] };
  return { type: 'linear', domain: [Math.min(0, lowest), highest * 1.04 || 1] };
}

function curve(series: Series): { x: number; y: number }[] {
  const { fit } = series;
  const xs = series.points.map((point) => point.x ?? 0).filter((x) => x > 0);
  if (!fit || xs.length < 2) return [];
  const lowest = Math.max(Math.min(...xs), fit.order.includes('lg') ? 2 : 0);
  const highest = Math.max(...xs);
  const steps = 60;
  return Array.from({ length: steps + 1 }, (_, at) => {
    const x = lowest * (highest / lowest) ** (at / steps);
    return { x, y: fit.at(x) };
  }).filter((point) => point.y > 0);
}

/** `10 µs`, not `10.0 µs`. */
function tick(format: (value: number) => string): (value: number) => string {
  return (value) => format(value).replace(/\.0+(?= |$)/, '');
}

export function draw_family(family: FileFamily, width: number): Element {
  const points = family.series.flatMap((series) => series.points);
  const x = scale(
    points.map((point) => point.x ?? 0),
    16,
  );
  const y = scale(
    points.flatMap((point) => [point.low, point.high]),
    30,
  );
  const axis = { label: null, grid: true, tickSize: 0 } as const;
  const marks = family.series.flatMap((series, at) => {
    const className = colour_class(at);
    const along = { x: 'x', className } as const;
    return [
      Plot.areaY(series.points, { ...along, y1: 'low', y2: 'high', fillOpacity: 0.18 }),
      Plot.line(curve(series), { ...along, y: 'y', strokeDasharray: '2,3', clip: true }),
      Plot.line(series.points, { ...along, y: 'median', strokeWidth: 1.75 }),
      Plot.dot(series.points, { ...along, y: 'median', r: 3 }),
    ];
  });
  const chart = Plot.plot({
    width,
    height: Math.round(Math.min(320, Math.max(220, width * 0.5))),
    marginLeft: 64,
    marginRight: 12,
    marginTop: 10,
    marginBottom: 30,
    style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
    x: { ...axis, ...x, tickFormat: tick(short_number), ticks: width < 520 ? 4 : 7 },
    y: { ...axis, ...y, tickFormat: tick(short_time), ticks: 5 },
    marks,
  });
  for (const part of chart.querySelectorAll('g[aria-label]')) {
    part.setAttribute('data-part', part.getAttribute('aria-label') ?? '');
    part.removeAttribute('aria-label');
  }
  chart.setAttribute('role', 'img');
  const said = family.series.map((series) => {
    const ends = [series.points[0], series.points[series.points.length - 1]];
    const texts = ends.map((point?: Point) => (point ? short_time(point.median) : ''));
    return `${series.file} ${series.variant}: ${texts.join(' to ')}`;
  });
  chart.setAttribute('aria-label', `${family.name}: ${said.join('; ')}`);
  return chart;
}
