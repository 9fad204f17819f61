// A behaviour as a chart: a dot at the median, a bar over the middle half, a line from the least
// to the greatest. The floor is a mark and a dashed line of its own.
import * as Plot from '@observablehq/plot';

import { type Behaviour, best } from './bench_model';

const row_height = 26;
const top = 8;
const bottom = 26;

function ticks(behaviour: Behaviour, value: number): string {
  return behaviour.metric.format(value).replace(/\.0+(?=\D|$)/, '');
}

export function draw_chart(behaviour: Behaviour, width: number): SVGSVGElement | HTMLElement {
  const { lines, metric } = behaviour;
  const lowest = Math.min(...lines.map((line) => line.min));
  const highest = Math.max(...lines.map((line) => line.max));
  const log = highest / lowest > 25;
  const floor = best(behaviour, 'floor');
  const narrow = width < 520;
  const name_width = Math.min(
    narrow ? 120 : 220,
    14 + 7.6 * Math.max(...lines.map((line) => line.name.length)),
  );
  const value_width = 84;
  const shorten = (name: string) => {
    const room = Math.floor((name_width - 14) / 7.3);
    return name.length > room ? `${name.slice(0, room - 1)}…` : name;
  };
  const chart = Plot.plot({
    width,
    height: top + bottom + row_height * lines.length,
    marginLeft: name_width,
    marginRight: value_width,
    marginTop: top,
    marginBottom: bottom,
    style: {
      background: 'none',
      color: 'currentColor',
      fontFamily: 'inherit',
      fontSize: '12px',
      overflow: 'visible',
    },
    x: log
      ? {
          type: 'log',
          domain: [lowest / 1.25, highest * 1.25],
          ticks: narrow ? 3 : 6,
          tickFormat: (v: number) =>
            /^10*$/.test(String(Math.round(v < 1 ? 1 / v : v))) ? ticks(behaviour, v) : '',
          label: null,
          grid: true,
        }
      : {
          domain: [0, highest * 1.04],
          ticks: narrow ? 3 : 6,
          tickFormat: (v: number) => ticks(behaviour, v),
          label: null,
          grid: true,
        },
    y: {
      domain: lines.map((line) => line.name),
      label: null,
      tickSize: 0,
      tickFormat: shorten,
      padding: 0.2,
    },
    marks: [
      floor
        ? Plot.ruleX([floor.median], { strokeDasharray: '3,3', className: 'floor-line' })
        : null,
      Plot.ruleY(lines, { x1: 'min', x2: 'max', y: 'name', strokeWidth: 1, className: 'range' }),
      Plot.ruleY(lines, {
        x1: 'q1',
        x2: 'q3',
        y: 'name',
        strokeWidth: 5,
        strokeOpacity: 0.35,
        strokeLinecap: 'round',
        className: 'half',
      }),
      Plot.dot(
        lines.filter((line) => line.kind === 'peer'),
        { x: 'median', y: 'name', r: 4, className: 'peer' },
      ),
      Plot.dot(
        lines.filter((line) => line.kind === 'reference'),
        { x: 'median', y: 'name', r: 5.5, className: 'reference' },
      ),
      Plot.dot(
        lines.filter((line) => line.kind === 'floor'),
        { x: 'median', y: 'name', r: 4.5, symbol: 'diamond', className: 'floor' },
      ),
      Plot.text(lines, {
        y: 'name',
        frameAnchor: 'right',
        textAnchor: 'end',
        dx: value_width,
        text: (line) => metric.format(line.median),
        className: 'value',
      }),
    ],
  });
  // The table under the chart says the same in words.
  chart.setAttribute('role', 'img');
  chart.setAttribute(
    'aria-label',
    `${behaviour.name}: ${lines.map((line) => `${line.name} ${metric.format(line.median)}`).join(', ')}`,
  );
  return chart as SVGSVGElement | HTMLElement;
}
