// Families of implementations: what stands side by side in the matrix can be compared.
import type { Testee } from './data';

/** In the order of the columns, each with the areas that make it. */
const families: { name: string; areas: string[] }[] = [
  { name: 'sockets', areas: ['udp', 'messenger', 'tcp'] },
  { name: 'processes and queues', areas: ['queue', 'process', 'thread', 'pool'] },
  { name: 'coroutines', areas: ['iterator', 'generator', 'coroutine', 'greenlet', 'green'] },
  { name: 'regular expressions', areas: ['regex'] },
  { name: 'web', areas: ['http', 'server', 'crawler'] },
];
const broad = 'many areas'; // of three families or more
const other = 'other';
const order = [broad, ...families.map((family) => family.name), other];

/** The family that most of the areas of a testee belong to; the more special one of two. */
export function family_of(testee: Testee): string {
  const taken = testee.supports.filter((name) => !name.startsWith('-'));
  const areas = new Set(taken.map((name) => name.split('.', 1)[0] ?? name));
  const shares = families
    .map(({ name, areas: own }) => ({ name, size: own.filter((area) => areas.has(area)).length }))
    .filter((share) => share.size > 0);
  if (shares.length > 2) return broad;
  const most = Math.max(...shares.map((share) => share.size));
  return shares.filter((share) => share.size === most).pop()?.name ?? other;
}

/** The testees, family by family; inside one they keep their order. */
export function by_family(testees: Testee[]): { name: string; testees: Testee[] }[] {
  const groups = new Map<string, Testee[]>(order.map((name) => [name, []]));
  for (const testee of testees) groups.get(family_of(testee))?.push(testee);
  return [...groups].map(([name, members]) => ({ name, testees: members })).filter(
    (group) => group.testees.length > 0,
  );
}
