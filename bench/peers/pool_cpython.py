"""Times CPython's pools by themselves: pool_cpython.py WHO BEHAVIOUR COUNT.

WHO is Pool or ProcessPoolExecutor, of four workers. BEHAVIOUR is `tasks` (all handed in, then all
results asked for), `processor` (the same, but what owner and workers have of a processor), `trip`
(one after the other), `map_processor` or `map` (chunked as the pool itself does; the
executor by a quarter of a worker's share, since it would not). Prints one JSON object: seconds,
units and whether the results were right.
"""
import json
import multiprocessing
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor

WORKERS = 4


def give_back(argument):
    return argument


def submitter(who):
    context = multiprocessing.get_context("fork")
    if who == "Pool":
        pool = context.Pool(WORKERS)
        return (pool, lambda number: pool.apply_async(give_back, (number,)).get,
                lambda numbers: pool.map(give_back, numbers))
    pool = ProcessPoolExecutor(WORKERS, mp_context=context)
    return (pool, lambda number: pool.submit(give_back, number).result,
            lambda numbers: list(pool.map(give_back, numbers,
                                          chunksize=max(1, len(numbers) // (4 * WORKERS)))))


def processor_time():
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main():
    who, behaviour, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    begin = processor_time()
    pool, submit, map_all = submitter(who)
    with pool:
        for _ in range(4 * WORKERS):
            submit(0)()
        numbers = list(range(count))
        start = time.perf_counter()
        if behaviour == "trip":
            results = [submit(number)() for number in numbers]
        elif behaviour in ("map", "map_processor"):
            results = map_all(numbers)
        else:
            results = [each() for each in [submit(number) for number in numbers]]
        seconds = time.perf_counter() - start
    if behaviour in ("processor", "map_processor"):
        if who == "Pool":
            pool.join()
        seconds = processor_time() - begin
    print(json.dumps({"seconds": seconds, "units": count, "right": results == numbers}))


if __name__ == "__main__":
    main()
