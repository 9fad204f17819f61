// Anybody's files of Google Benchmark as families of series: one family a function, one series a
// file and set of fixed arguments, one point an argument.
import { median_interval, nanoseconds, quantile } from './bench_model';
import type { BenchFile, FileRow } from './data';

export interface Point {
  x: number | null; // the argument that varies; null in a family without one
  label: string;
  samples: number[]; // nanoseconds, sorted
  median: number;
  low: number;
  high: number;
  cpu: number; // median
  rate: number; // bytes or items a second, 0 where none was counted
}

/** A curve `coefficient · f(x)` through the points of a series, in nanoseconds. */
export interface Fit {
  order: string; // `N lgN`
  coefficient: number;
  rms: number; // of the residuals, as a share of the mean
  measured_by: 'Google Benchmark' | 'this page';
  at(x: number): number;
}

export interface Series {
  file: string;
  variant: string; // the arguments that do not vary along x
  points: Point[];
  fit: Fit | null;
}

export interface FileFamily {
  name: string;
  argument: string; // what x is called
  rate: '' | 'bytes_per_second' | 'items_per_second';
  series: Series[];
  failed: { name: string; file: string; message: string }[];
}

interface Parsed {
  family: string;
  arguments: Map<string, number>;
}

const settings =
  /^(real_time|process_time|manual_time|(iterations|repeats|min_time|min_warmup_time):.*)$/;

/** `BM_sort/64/threads:2/real_time` is the family BM_sort with two arguments. */
export function parse_name(name: string): Parsed {
  const words: string[] = [];
  const values = new Map<string, number>();
  let unnamed = 0;
  // A slash inside angle brackets belongs to a template's argument.
  for (const part of name.split(/\/(?![^<]*>)/)) {
    const named = /^([^:<>]+):(-?\d+)$/.exec(part);
    if (settings.test(part)) continue;
    if (words.length > 0 && /^-?\d+$/.test(part)) {
      unnamed += 1;
      values.set(`argument ${unnamed}`, Number(part));
    } else if (words.length > 0 && named) values.set(named[1] ?? '', Number(named[2]));
    else words.push(part);
  }
  return { family: words.join('/'), arguments: values };
}

const orders: Record<string, (x: number) => number> = {
  '(1)': () => 1,
  lgN: (x) => Math.log2(x),
  N: (x) => x,
  NlgN: (x) => x * Math.log2(x),
  'N^2': (x) => x * x,
  'N^3': (x) => x * x * x,
};

/** Least squares for each order; the one whose residuals are least. */
function fitted(points: Point[]): Fit | null {
  const usable = points.filter((point) => point.x !== null && point.x > 1);
  if (usable.length < 4) return null;
  const mean = usable.reduce((sum, point) => sum + point.median, 0) / usable.length;
  let best: Fit | null = null;
  for (const [order, f] of Object.entries(orders)) {
    let products = 0;
    let squares = 0;
    for (const point of usable) {
      const value = f(point.x ?? 0);
      products += point.median * value;
      squares += value * value;
    }
    const coefficient = products / squares;
    const residuals = usable.map((point) => point.median - coefficient * f(point.x ?? 0));
    const square = residuals.reduce((sum, residual) => sum + residual * residual, 0);
    const rms = Math.sqrt(square / usable.length) / mean;
    if (best && best.rms <= rms) continue;
    best = { order, coefficient, rms, measured_by: 'this page', at: (x) => coefficient * f(x) };
  }
  return best;
}

/** What --benchmark_… Complexity() found: a row for the order, a row for the residuals. */
function recorded(rows: FileRow[], run_name: string): Fit | null {
  const of = (aggregate: string) =>
    rows.find((row) => row.aggregate_name === aggregate && row.run_name === run_name);
  const row = of('BigO');
  const f = orders[row?.big_o ?? ''];
  if (!row || !f) return null;
  const coefficient = (row.real_coefficient ?? 0) * (nanoseconds[row.time_unit ?? 'ns'] ?? 1);
  return {
    order: row.big_o ?? '',
    coefficient,
    rms: of('RMS')?.rms ?? 0,
    measured_by: 'Google Benchmark',
    at: (x) => coefficient * f(x),
  };
}

interface Measured {
  file: BenchFile;
  parsed: Parsed;
  rows: FileRow[];
}

/** The runs of one benchmark of one file; of aggregates alone the mean stands for them. */
function measured_of(files: BenchFile[]): { measured: Measured[]; failed: [BenchFile, FileRow][] } {
  const measured: Measured[] = [];
  const failed: [BenchFile, FileRow][] = [];
  for (const file of files) {
    const groups = new Map<string, FileRow[]>();
    for (const row of file.rows) {
      if (row.error_occurred) failed.push([file, row]);
      else {
        const name = row.run_name ?? row.name;
        groups.set(name, [...(groups.get(name) ?? []), row]);
      }
    }
    for (const [name, all] of groups) {
      const runs = all.filter((row) => row.run_type !== 'aggregate');
      const means = all.filter((row) => row.aggregate_name === 'mean');
      const rows = runs.length > 0 ? runs : means;
      if (rows.length > 0) measured.push({ file, parsed: parse_name(name), rows });
    }
  }
  return { measured, failed };
}

function point_of({ rows }: Measured, x: number | null, label: string, rate: FileFamily['rate']) {
  const times = (key: 'real_time' | 'cpu_time') =>
    rows
      .map((row) => (row[key] ?? 0) * (nanoseconds[row.time_unit ?? 'ns'] ?? 1))
      .sort((a, b) => a - b);
  const samples = times('real_time');
  const rates = rate ? rows.map((row) => row[rate] ?? 0).sort((a, b) => a - b) : [0];
  return {
    x,
    label,
    samples,
    median: quantile(samples, 0.5),
    ...median_interval(samples),
    cpu: quantile(times('cpu_time'), 0.5),
    rate: quantile(rates, 0.5),
  };
}

/** The argument with the most values is what a chart runs along. */
function varying_argument(members: Measured[]): string {
  const values = new Map<string, Set<number>>();
  for (const { parsed } of members) {
    for (const [name, value] of parsed.arguments) {
      values.set(name, (values.get(name) ?? new Set()).add(value));
    }
  }
  const sorted = [...values].sort((a, b) => b[1].size - a[1].size);
  return sorted[0]?.[0] ?? '';
}

function family_of(name: string, members: Measured[], files: BenchFile[]): FileFamily {
  const argument = varying_argument(members);
  const rate = (['bytes_per_second', 'items_per_second'] as const).find((key) =>
    members.some((member) => member.rows.some((row) => row[key])),
  );
  const series = new Map<string, Series>();
  for (const member of members) {
    const fixed = [...member.parsed.arguments].filter(([key]) => key !== argument);
    const variant = fixed.map(([key, value]) => `${key} ${value}`).join(', ');
    const key = `${files.indexOf(member.file)}/${variant}`;
    const own = series.get(key) ?? { file: member.file.name, variant, points: [], fit: null };
    series.set(key, own);
    const x = member.parsed.arguments.get(argument) ?? null;
    own.points.push(point_of(member, x, x === null ? '' : String(x), rate ?? ''));
  }
  for (const own of series.values()) {
    own.points.sort((a, b) => (a.x ?? 0) - (b.x ?? 0));
    const file = files.find((each) => each.name === own.file);
    own.fit = (!own.variant && recorded(file?.rows ?? [], name)) || fitted(own.points);
  }
  return { name, argument, rate: rate ?? '', series: [...series.values()], failed: [] };
}

export function families_of(files: BenchFile[]): FileFamily[] {
  const { measured, failed } = measured_of(files);
  const groups = new Map<string, Measured[]>();
  for (const member of measured) {
    const { family } = member.parsed;
    groups.set(family, [...(groups.get(family) ?? []), member]);
  }
  for (const [, row] of failed) {
    const { family } = parse_name(row.run_name ?? row.name);
    if (!groups.has(family)) groups.set(family, []);
  }
  return [...groups].map(([name, members]) => {
    const family = family_of(name, members, files);
    for (const [file, row] of failed) {
      if (parse_name(row.run_name ?? row.name).family !== name) continue;
      const message = row.error_message ?? 'failed';
      family.failed.push({ name: row.name, file: file.name, message });
    }
    return family;
  });
}
