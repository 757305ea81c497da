"""Runs named stages side by side, each as soon as the stages it needs are done."""
import time
from concurrent.futures import ThreadPoolExecutor, wait

from cloudlab.settings import say

STAGES_MAX = 64
# What took less than this was there already, and is not worth a line.
SPOKEN_OF_SECONDS = 0.5


class Stages:
    def __init__(self):
        self.pool = ThreadPoolExecutor(max_workers=STAGES_MAX)
        self.done = {}

    def add(self, name, run, after=()):
        """Schedules a stage; the stages it comes after must have been added before."""
        needed = [self.done[other] for other in after]

        def stage():
            for other in needed:
                other.result()
            began = time.monotonic()
            run()
            if time.monotonic() - began >= SPOKEN_OF_SECONDS:
                say(f'{name} ready')

        self.done[name] = self.pool.submit(stage)

    def finish(self):
        """Waits for all stages, then raises the error of the first failed one in the order they were added."""
        wait(self.done.values())
        self.pool.shutdown()
        for future in self.done.values():
            future.result()
