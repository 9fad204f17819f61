"""Times multiprocessing.Process by itself: process_cpython.py METHOD MEBIBYTES [processor].

METHOD is fork, forkserver or spawn; the parent has written to so much memory before. With
`processor` the seconds are what parent and children have of a processor. Prints one JSON object:
seconds, units and whether all exit codes were right.
"""
import json
import multiprocessing
import resource
import sys
import time

CODE = 7


def run():
    sys.exit(CODE)


def processor_time():
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def start_and_join(context):
    child = context.Process(target=run)
    child.start()
    child.join()
    return child.exitcode == CODE


def main():
    method, mebibytes = sys.argv[1:3]
    clock = processor_time if "processor" in sys.argv else time.perf_counter
    context = multiprocessing.get_context(method)
    memory = bytearray(b"x") * (int(mebibytes) << 20)
    count = {"fork": 40, "forkserver": 10, "spawn": 4}[method]
    if len(memory) > 100 << 20:
        count = 4
    right = start_and_join(context)  # starts the fork server, where there is one
    start = clock()
    for _ in range(count):
        right = start_and_join(context) and right
    seconds = clock() - start
    print(json.dumps({"seconds": seconds, "units": count, "right": right}))


if __name__ == "__main__":
    main()
