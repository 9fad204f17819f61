"""Greenlets and green threads as the coroutines of the area cost, whose ops are CPython's."""

import gevent
import greenlet

import cost_ops


class Greenlets:

    @staticmethod
    def run_one():
        greenlet.greenlet(lambda: None).switch()

    @staticmethod
    def hold(count):
        def body():
            greenlet.getcurrent().parent.switch()
        held = [greenlet.greenlet(body) for _ in range(count)]
        for each in held:
            each.switch()

        def release():
            for each in held:
                each.switch()
            held.clear()
        return release

    @staticmethod
    def switch(count, repetitions):
        def body():
            back = greenlet.getcurrent().parent.switch
            while True:
                back()
        forth = greenlet.greenlet(body).switch

        def perform():
            for _ in range(count // 2):
                forth()
        return cost_ops.timed(repetitions, perform)

    @staticmethod
    def compute(functions):
        def body(function):
            while function():
                gevent.sleep(0)
        gevent.joinall([gevent.spawn(body, each) for each in functions])


def add_to(adapter):
    cost_ops.add_to(adapter, Greenlets)
