// What it costs: a chart a behaviour, with the same figures as a table under it.
import { draw_chart } from '../bench_chart';
import {
  type Behaviour,
  behaviours_of,
  best,
  type Line,
  ratio_text,
  speed_ratio,
} from '../bench_model';
import { command } from '../copy';
import type { Model } from '../data';
import { h, plural } from '../dom';
import { split_growths } from '../growth';
import { machine_line, tool_line } from '../machine';
import { data_table, number_cell, number_column } from '../table';
import { growth_figure } from './growth';

function ratio_sentence(behaviour: Behaviour): HTMLElement | null {
  const reference = best(behaviour, 'reference');
  const peer = best(behaviour, 'peer');
  const floor = best(behaviour, 'floor');
  if (!reference || (!peer && !floor)) return null;
  const to = (other: Line | undefined, what: string) =>
    other
      ? h(
          'span',
          { class: `ratio${speed_ratio(behaviour, reference, other) >= 1 ? ' ahead' : ''}` },
          h('b', {}, ratio_text(speed_ratio(behaviour, reference, other))),
          ` ${what} `,
          h('span', { class: 'muted' }, other.name.replace(/^floor\s*/, '')),
        )
      : null;
  return h('p', { class: 'ratios' }, to(peer, 'the best peer,'), to(floor, 'the floor,'));
}

function figures(behaviour: Behaviour): HTMLElement {
  const others = [best(behaviour, 'peer'), best(behaviour, 'floor')];
  const { format } = behaviour.metric;
  const rows = behaviour.lines.map((line) => {
    const values = [line.median, line.low, line.high, line.min, line.max].map(format);
    const ratios = others.map((other) =>
      other ? ratio_text(speed_ratio(behaviour, line, other)) : '–',
    );
    const cells = [...values, ...ratios, line.samples.length].map(number_cell);
    return h('tr', { class: line.kind }, h('th', { scope: 'row' }, line.name), cells);
  });
  const names = ['Median', '95 % interval from', 'to', 'Least', 'Greatest'];
  const columns = [...names, 'To best peer', 'To floor', 'Runs'].map(number_column);
  const caption = `${behaviour.area}, ${behaviour.name}`;
  return h(
    'details',
    { class: 'figures' },
    h('summary', {}, 'Figures'),
    data_table(['Implementation', ...columns], rows, { caption }),
  );
}

function figure(behaviour: Behaviour): HTMLElement {
  const canvas = h('div', { class: 'canvas' });
  const element = h(
    'figure',
    { class: 'bench' },
    h(
      'figcaption',
      {},
      h('h3', {}, behaviour.name),
      ratio_sentence(behaviour),
      behaviour.label ? h('p', { class: 'muted' }, behaviour.label) : null,
    ),
    canvas,
    behaviour.failed.map((f) =>
      h('p', { class: 'callout' }, h('b', {}, f.name), ` is left out: ${f.message}`),
    ),
    behaviour.lines.length ? figures(behaviour) : null,
  );
  if (behaviour.lines.length > 0) {
    let drawn = 0;
    new ResizeObserver(() => {
      const width = Math.floor(canvas.clientWidth);
      if (width === 0 || width === drawn) return;
      drawn = width;
      canvas.replaceChildren(draw_chart(behaviour, width));
    }).observe(canvas);
  }
  return element;
}

function key(): HTMLElement {
  const entry = (sign: string, kind: string, meaning: string) =>
    h('li', {}, h('span', { class: `dot ${kind}`, 'aria-hidden': 'true' }, sign), meaning);
  return h(
    'ul',
    { class: 'bench-key', 'aria-label': 'key' },
    entry('●', 'reference', 'the reference'),
    entry('●', 'peer', 'a peer'),
    entry('◆', 'floor', 'the floor: the least that kernel or hardware asks'),
    entry('━', '', 'thick: where the median lies with 95 % confidence, thin: all runs'),
    entry('╱', '', 'lines: how it grows with a size, on logarithmic axes'),
  );
}

export function draw_benchmarks(model: Model): HTMLElement {
  const page = h(
    'article',
    { class: 'page wide' },
    h('h1', { tabindex: -1 }, 'What it costs'),
    h(
      'p',
      { class: 'lead' },
      'All implementations of a behaviour ran in turns in one run on one machine, and their ',
      'answers were checked. Only ratios of one run count; absolute figures are this machine’s.',
    ),
  );
  const behaviours = model.bench ? behaviours_of(model.bench.benchmarks) : [];
  if (!model.bench || behaviours.length === 0) {
    page.append(
      h('p', { class: 'empty' }, 'This report was made without benchmarks. To take them:'),
      command('assay bench --json bench.json'),
      command('assay report --results results.json --bench bench.json -o report.html'),
    );
    return page;
  }
  for (const { area, message } of model.bench.failures ?? []) {
    page.append(
      h('p', { class: 'empty' }, h('b', {}, area), ' was not measured: its program failed.'),
      h('pre', { class: 'message' }, message),
    );
  }
  const areas = [...new Set(behaviours.map((b) => b.area))];
  const { machine, tool } = model.bench;
  const taken = [machine_line(machine), h('br'), tool_line(tool)];
  page.append(h('p', { class: 'muted machine' }, taken), key());
  for (const area of areas) {
    const own = behaviours.filter((b) => b.area === area);
    const { growths, single } = split_growths(own);
    page.append(
      h(
        'section',
        { 'aria-label': area },
        h(
          'h2',
          { id: `bench-${area}` },
          area,
          h('span', { class: 'aside' }, plural(single.length + growths.length, 'behaviour')),
        ),
        h('div', { class: 'bench-grid' }, single.map(figure), growths.map(growth_figure)),
      ),
    );
  }
  return page;
}
