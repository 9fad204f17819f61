// From rows of Google Benchmark to what is drawn: one figure a behaviour, one line an
// implementation. Ratios are of speed, so that more than one is always better.
import type { BenchRow } from './data';

export interface Metric {
  name: string; // what the axis says
  higher_is_better: boolean;
  format(value: number): string;
}

export interface Line {
  name: string;
  samples: number[]; // sorted
  min: number;
  low: number;
  median: number;
  high: number;
  max: number;
  kind: 'reference' | 'floor' | 'peer';
}

export interface Behaviour {
  area: string;
  name: string;
  label: string;
  metric: Metric;
  lines: Line[]; // the best first
  failed: { name: string; message: string }[];
}

const scales: [number, string][] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** Three digits that count: 3.91 G, 79.2 k, 412. */
export function short_number(value: number): string {
  for (const [scale, letter] of scales) {
    if (Math.abs(value) >= scale * 0.9995) return `${three_digits(value / scale)} ${letter}`;
  }
  return three_digits(value);
}

function three_digits(value: number): string {
  if (value === 0) return '0';
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) * 1.0005))));
}

export function short_time(ns: number): string {
  if (ns < 1e3) return `${three_digits(ns)} ns`;
  if (ns < 1e6) return `${three_digits(ns / 1e3)} µs`;
  if (ns < 1e9) return `${three_digits(ns / 1e6)} ms`;
  return `${three_digits(ns / 1e9)} s`;
}

/** `3.91 G` and `B/s` are `3.91 GB/s`; a bare number keeps its space. */
function with_unit(value: number, unit: string): string {
  const text = short_number(value);
  return /[a-zA-Z]$/.test(text) ? text + unit : `${text} ${unit}`;
}

export const metrics = {
  items_per_second: {
    name: 'a second',
    higher_is_better: true,
    format: (v: number) => `${short_number(v)}/s`.replace(' /', '/'),
  },
  bytes_per_second: {
    name: 'bytes a second',
    higher_is_better: true,
    format: (v: number) => with_unit(v, 'B/s'),
  },
  bytes_each: {
    name: 'bytes each',
    higher_is_better: false,
    format: (v: number) => with_unit(v, 'B'),
  },
  real_time: { name: 'time', higher_is_better: false, format: short_time },
} satisfies Record<string, Metric>;

export const nanoseconds: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

function sample(row: BenchRow, metric: keyof typeof metrics): number {
  if (metric === 'real_time')
    return (row.real_time ?? 0) * (nanoseconds[row.time_unit ?? 'ns'] ?? 1);
  return row[metric] ?? 0;
}

export function quantile(sorted: number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

/** Where the median lies with 95 % confidence or more: between the samples that come k-th from both
 * ends, of ten the second and the ninth. Fewer than six cannot say: all of them. As figures.h. */
export function median_interval(sorted: number[]): { low: number; high: number } {
  const count = sorted.length;
  let term = 0.5 ** count;
  let chance = term;
  let left_out = 0;
  for (let next = 1; next < count && 2 * chance <= 0.05; ++next) {
    left_out = next - 1;
    term *= (count - next + 1) / next;
    chance += term;
  }
  return { low: sorted[left_out] ?? 0, high: sorted[count - 1 - left_out] ?? 0 };
}

function line_of(name: string, samples: number[]): Line {
  samples.sort((a, b) => a - b);
  const kind = name.startsWith('floor')
    ? 'floor'
    : name.startsWith('reference')
      ? 'reference'
      : 'peer';
  const at = (share: number) => quantile(samples, share);
  return {
    name,
    samples,
    kind,
    min: at(0),
    ...median_interval(samples),
    median: at(0.5),
    max: at(1),
  };
}

function behaviour_of(area: string, name: string, rows: BenchRow[]): Behaviour {
  const good = rows.filter((row) => !row.error_occurred);
  const counted = ['bytes_each', 'bytes_per_second', 'items_per_second'] as const;
  const key = counted.find((each) => good.some((row) => row[each])) ?? 'real_time';
  const samples = new Map<string, number[]>();
  const failed = new Map<string, string>();
  for (const row of rows) {
    const implementation = row.implementation ?? row.name;
    if (row.error_occurred) failed.set(implementation, row.error_message ?? 'failed');
    else samples.set(implementation, [...(samples.get(implementation) ?? []), sample(row, key)]);
  }
  const metric = metrics[key];
  const lines = [...samples]
    .map(([implementation, values]) => line_of(implementation, values))
    .filter((line) => line.median > 0);
  lines.sort((a, b) => (metric.higher_is_better ? b.median - a.median : a.median - b.median));
  const label = rows.find((row) => row.label)?.label ?? '';
  return {
    area,
    name,
    label,
    metric,
    lines,
    failed: [...failed].map(([implementation, message]) => ({ name: implementation, message })),
  };
}

export function behaviours_of(rows: BenchRow[]): Behaviour[] {
  const groups = new Map<string, BenchRow[]>();
  for (const row of rows) {
    if (row.run_type === 'aggregate' || !row.area || !row.behaviour) continue;
    const key = `${row.area}/${row.behaviour}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) =>
    behaviour_of(group[0]?.area ?? '', group[0]?.behaviour ?? '', group),
  );
}

/** How many times as fast `line` is as `other`. */
export function speed_ratio(behaviour: Behaviour, line: Line, other: Line): number {
  return behaviour.metric.higher_is_better
    ? line.median / other.median
    : other.median / line.median;
}

export function best(behaviour: Behaviour, kind: Line['kind']): Line | undefined {
  return behaviour.lines.find((line) => line.kind === kind);
}

export function ratio_text(ratio: number): string {
  if (ratio >= 100) return `${Math.round(ratio).toLocaleString('en')}×`;
  if (ratio < 0.01) return `${ratio.toPrecision(2)}×`;
  return `${ratio.toFixed(ratio >= 10 ? 1 : 2)}×`;
}
