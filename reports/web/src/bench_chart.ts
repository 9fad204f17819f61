// A behaviour as a chart: a dot at the median, a bar where it lies with 95 % confidence, a line
// from the least to the greatest. The floor is a mark and a dashed line of its own.
import * as Plot from '@observablehq/plot';

import { type Behaviour, best, type Line } from './bench_model';

const row_height = 26;
const top = 8;
const bottom = 26;
const value_width = 84;
const character_width = 7.4;

/** Powers of ten, their doubles and fivefolds too where these are few; at most `most`. */
function log_ticks(lowest: number, highest: number, most: number): number[] {
  const between = (values: number[]) => values.filter((v) => v >= lowest && v <= highest);
  const exponents = Array.from({ length: 31 }, (_, at) => at - 12);
  const powers = between(exponents.map((exponent) => 10 ** exponent));
  const finer = between(exponents.flatMap((e) => [10 ** e, 2 * 10 ** e, 5 * 10 ** e]));
  if (powers.length < 3 && finer.length <= most) return finer;
  const every = Math.ceil(powers.length / most);
  return powers.filter((_, at) => at % every === 0);
}

function x_scale({ lines, metric }: Behaviour, narrow: boolean): Plot.ScaleOptions {
  const lowest = Math.min(...lines.map((line) => line.min));
  const highest = Math.max(...lines.map((line) => line.max));
  const common = {
    label: null,
    grid: true,
    tickSize: 0,
    tickFormat: (v: number) => metric.format(v).replace(/\.0+(?=\D|$)/, ''),
  };
  if (lowest <= 0 || highest / lowest < 25) {
    return { ...common, domain: [0, highest * 1.04], ticks: narrow ? 3 : 6 };
  }
  const domain: [number, number] = [lowest / 1.3, highest * 1.3];
  return { ...common, type: 'log', domain, ticks: log_ticks(...domain, narrow ? 4 : 7) };
}

function names(lines: Line[], width: number): Plot.Markish[] {
  const room = Math.floor((width - 14) / character_width);
  const text = ({ name }: Line) => (name.length > room ? `${name.slice(0, room - 1)}…` : name);
  const options = { y: 'name', text, frameAnchor: 'left', textAnchor: 'end', dx: -12 } as const;
  const is_reference = (line: Line) => line.kind === 'reference';
  return [
    Plot.text(
      lines.filter((line) => !is_reference(line)),
      { ...options, className: 'name' },
    ),
    Plot.text(lines.filter(is_reference), { ...options, className: 'name own', fontWeight: 600 }),
  ];
}

function dots(lines: Line[], kind: Line['kind'], options: Plot.DotOptions): Plot.Markish {
  const own = lines.filter((line) => line.kind === kind);
  return Plot.dot(own, { x: 'median', y: 'name', className: kind, ...options });
}

export function draw_chart(behaviour: Behaviour, width: number): Element {
  const { lines, metric } = behaviour;
  const floor = best(behaviour, 'floor');
  const narrow = width < 520;
  const longest = Math.max(...lines.map((line) => line.name.length));
  const name_width = Math.min(narrow ? 126 : 230, 18 + character_width * longest);
  const thick = { strokeWidth: 6, strokeOpacity: 0.45, strokeLinecap: 'round' } as const;
  const value = (line: Line) => metric.format(line.median);
  const chart = Plot.plot({
    width,
    height: top + bottom + row_height * lines.length,
    marginLeft: name_width,
    marginRight: value_width,
    marginTop: top,
    marginBottom: bottom,
    style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
    x: x_scale(behaviour, narrow),
    y: { domain: lines.map((line) => line.name), axis: null, padding: 0.2 },
    marks: [
      floor && Plot.ruleX([floor.median], { strokeDasharray: '3,3', className: 'floor-line' }),
      Plot.ruleY(lines, { x1: 'min', x2: 'max', y: 'name', className: 'range' }),
      Plot.ruleY(lines, { x1: 'low', x2: 'high', y: 'name', className: 'interval', ...thick }),
      dots(lines, 'peer', { r: 4 }),
      dots(lines, 'floor', { r: 4.5, symbol: 'diamond' }),
      dots(lines, 'reference', { r: 5.5 }),
      names(lines, name_width),
      Plot.text(lines, {
        y: 'name',
        text: value,
        frameAnchor: 'right',
        textAnchor: 'end',
        dx: value_width,
        className: 'value',
      }),
    ],
  });
  // The table under the chart says the same in words; the parts of a picture have no names.
  for (const part of chart.querySelectorAll('g[aria-label]')) {
    part.setAttribute('data-part', part.getAttribute('aria-label') ?? '');
    part.removeAttribute('aria-label');
  }
  chart.setAttribute('role', 'img');
  const said = lines.map((line) => `${line.name} ${value(line)}`).join(', ');
  chart.setAttribute('aria-label', `${behaviour.name}: ${said}`);
  return chart;
}
