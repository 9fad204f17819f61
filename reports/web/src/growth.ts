// How cost grows: behaviours that differ in one number of their names, as `messages of 64 B` and
// `messages of 1 KiB` do, are one growth with a line an implementation.
import { type Behaviour, best, type Line, speed_ratio } from './bench_model';

export interface GrowthPoint {
  x: number;
  label: string; // as the name has it: `16 KiB`
  line: Line;
}

export interface GrowthSeries {
  name: string;
  kind: Line['kind'];
  points: GrowthPoint[]; // by x
}

export interface Growth {
  area: string;
  name: string; // with … for the number
  label: string;
  metric: Behaviour['metric'];
  sizes: { x: number; label: string; behaviour: Behaviour }[]; // by x
  series: GrowthSeries[]; // the reference first, floors last
  failed: Behaviour['failed'];
}

const fewest_sizes = 3;
const units: Record<string, number> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

interface Numbered {
  key: string; // the name without the number
  x: number;
  label: string;
}

/** Each number of a name, with what remains without it. */
export function numbers_in(name: string): Numbered[] {
  const number = /(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)(?: (B|KiB|MiB|GiB)\b)?(?![\w.])/g;
  return [...name.matchAll(number)].map((match) => ({
    key: `${name.slice(0, match.index)}…${name.slice(match.index + match[0].length)}`,
    x: Number((match[1] ?? '').replaceAll(',', '')) * (units[match[2] ?? 'B'] ?? 1),
    label: match[0],
  }));
}

interface Member extends Numbered {
  behaviour: Behaviour;
}

function growth_of(members: Member[]): Growth {
  const sizes = [...members].sort((a, b) => a.x - b.x);
  const first = sizes[0]?.behaviour;
  const series = new Map<string, GrowthSeries>();
  for (const { x, label, behaviour } of sizes) {
    for (const line of behaviour.lines) {
      const own = series.get(line.name) ?? { name: line.name, kind: line.kind, points: [] };
      series.set(line.name, own);
      own.points.push({ x, label, line });
    }
  }
  const place = { reference: 0, peer: 1, floor: 2 };
  return {
    area: first?.area ?? '',
    name: sizes[0]?.key ?? '',
    label: first?.label ?? '',
    metric: first?.metric ?? members[0]!.behaviour.metric,
    sizes,
    series: [...series.values()].sort((a, b) => place[a.kind] - place[b.kind]),
    failed: sizes.flatMap(({ label, behaviour }) =>
      behaviour.failed.map((f) => ({ ...f, name: `${f.name} at ${label}` })),
    ),
  };
}

/** What belongs together as growths, and what stands alone; each behaviour once. */
export function split_growths(all: Behaviour[]): { growths: Growth[]; single: Behaviour[] } {
  const families = new Map<string, Member[]>();
  for (const behaviour of all) {
    for (const number of numbers_in(behaviour.name)) {
      const key = [behaviour.area, behaviour.metric.name, number.key].join('\n');
      families.set(key, [...(families.get(key) ?? []), { ...number, behaviour }]);
    }
  }
  const taken = new Set<Behaviour>();
  const growths: Growth[] = [];
  const largest_first = [...families.values()].sort((a, b) => b.length - a.length);
  for (const family of largest_first) {
    const members = family.filter(({ behaviour }) => !taken.has(behaviour));
    if (new Set(members.map(({ x }) => x)).size < fewest_sizes) continue;
    for (const { behaviour } of members) taken.add(behaviour);
    growths.push(growth_of(members));
  }
  const order = (growth: Growth) => all.indexOf(growth.sizes[0]?.behaviour ?? all[0]!);
  return {
    growths: growths.sort((a, b) => order(a) - order(b)),
    single: all.filter((behaviour) => !taken.has(behaviour)),
  };
}

/** The least and the greatest ratio of the reference over all sizes; null without one of them. */
export function ratio_range(growth: Growth, kind: 'peer' | 'floor'): [number, number] | null {
  const ratios = growth.sizes.flatMap(({ behaviour }) => {
    const reference = best(behaviour, 'reference');
    const other = best(behaviour, kind);
    return reference && other ? [speed_ratio(behaviour, reference, other)] : [];
  });
  return ratios.length > 0 ? [Math.min(...ratios), Math.max(...ratios)] : null;
}
