"""Tasks of a pool: functions made of steps, pickled as their steps."""

adapter = None  # workers have it by fork


def perform(steps, *arguments):
    return adapter.function(steps)(*arguments)


class Task:
    """A task as one object, for map and its like."""

    def __init__(self, steps):
        self._steps = steps

    def __call__(self, *arguments):
        return perform(self._steps, *arguments)
