"""Times threading.Thread by itself: create, start and join, one at a time.

Prints one JSON object: seconds, units and whether each ran.
"""
import json
import threading
import time

COUNT = 3000
lives = 0


def run():
    global lives
    lives += 1


def main():
    start = time.perf_counter()
    for _ in range(COUNT):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "units": COUNT, "right": lives == COUNT}))


main()
