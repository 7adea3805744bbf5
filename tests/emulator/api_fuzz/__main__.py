"""Drives the emulator's API by its manifest with random calls, and holds each answer against a model.

    python3 tests/emulator/api_fuzz PROGRAM [--seconds S] [--seed N ...] [--replay FILE] [--steps-of-a-run N]

Each run has a seed, an empty data folder and about a hundred steps, with restarts in the middle, ordinary ones and by
kill -9; a run of a seed is the same run, but for the time and for ids that the emulator makes up. The first run that fails
is shortened, and its calls are printed; --replay runs the file that they were also written to.
"""

import argparse
import dataclasses
import json
import os
import random
import signal
import sys
import tempfile
import time

from driver import Driver, Mismatch, as_curl
from generator import Generator
from life import last_of_log, log_of
from minimise import minimise
from model import Call


def run(driver, rng, steps, end):
    """One run; restarts at random, and a look at everything at the end."""
    generator = Generator(rng, driver.model)
    for _ in range(steps):
        chance = rng.random()
        if chance < 0.012:
            driver.take(("kill",))
        elif chance < 0.02:
            driver.take(("restart",))
        else:
            driver.take(generator.step())
        if time.monotonic() > end:
            break
    driver.take(("kill",) if rng.random() < 0.5 else ("restart",))
    driver.take(("days", rng.randrange(1, 10)))


def replay(program, folder, steps):
    """The mismatch that the steps end in, or None."""
    driver = None
    try:
        driver = Driver(program, folder)
        for step in steps:
            driver.take(step)
        driver.close()
    except Mismatch as mismatch:
        return mismatch
    finally:
        if driver:
            driver.abandon()
    return None


def read_steps(path):
    with open(path, encoding="utf-8") as file:
        return [step_of(each) for each in json.load(file)]


def step_of(each):
    def part_of(part):
        return Call(**{**part, "query": [tuple(pair) for pair in part["query"]]}) if isinstance(part, dict) else part

    return part_of(each) if isinstance(each, dict) else tuple(map(part_of, each))


def write_steps(steps, path):
    def plain(step):
        if isinstance(step, Call):
            return dataclasses.asdict(step)
        return [dataclasses.asdict(part) if isinstance(part, Call) else part for part in step]

    with open(path, "w", encoding="utf-8") as file:
        json.dump([plain(step) for step in steps], file, indent=1)


def tell(folder, seed, steps, failure):
    """What failed, before anything else is tried; with the end of the log, which goes with its temporary folder."""
    last = as_curl(steps[-1]) if steps else "the start"
    print(f"\nThe end of the log:\n{last_of_log(log_of(folder))}", flush=True)
    print(f"\nseed {seed}, step {len(steps)}: {last}\n  {failure}", flush=True)


def shorten(program, folder, seed, found, seconds):
    steps = minimise(found, lambda steps: replay(program, folder, steps) is not None, seconds)
    if len(steps) == len(found) and replay(program, folder, steps) is None:
        print("It does not fail again with the same calls.")
    path = os.path.join(tempfile.gettempdir(), f"api-fuzz-{seed}.json")
    write_steps(steps, path)
    print(f"\nShortened to {len(steps)} steps, which --replay {path} runs again:\n")
    print("\n".join(as_curl(step) for step in steps))
    again = replay(program, folder, steps)
    print(f"\n  {again}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, action="append", help="the first seeds; the others are random")
    parser.add_argument("--steps-of-a-run", type=int, default=120)
    parser.add_argument("--minimise-seconds", type=float, default=90)
    parser.add_argument("--replay")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="api-fuzz-") as scratch:
        os.chmod(scratch, 0o755)
        folder = os.path.join(scratch, "data")
        if options.replay:
            mismatch = replay(options.program, folder, read_steps(options.replay))
            print(mismatch or "no mismatch")
            return 1 if mismatch else 0
        return fuzz(options, folder, begin)


def fuzz(options, folder, begin):
    seeds = list(options.seed or [])
    calls, successes, runs, outcomes = 0, 0, 0, {}
    fixed = len(seeds)
    while True:
        seed = seeds[runs] if runs < len(seeds) else random.SystemRandom().randrange(10 ** 9)
        # The fixed seeds have half of the time, so that random ones have the rest.
        share = 0.5 if fixed > runs else 1
        print(f"seed {seed}", flush=True)
        driver = None
        try:
            driver = Driver(options.program, folder)
            run(driver, random.Random(seed), options.steps_of_a_run, begin + options.seconds * share)
            driver.close()
        except BaseException as failure:
            is_mismatch = isinstance(failure, Mismatch)
            tell(folder, seed, driver.steps if driver else [], failure if is_mismatch else repr(failure))
            if driver:
                driver.abandon()
            if not is_mismatch:
                raise
            if driver and options.minimise_seconds:
                shorten(options.program, folder, seed, driver.steps, options.minimise_seconds)
            return 1
        calls, successes, runs = calls + driver.calls, successes + driver.successes, runs + 1
        for key, count in driver.outcomes.items():
            outcomes[key] = outcomes.get(key, 0) + count
        if time.monotonic() - begin > options.seconds:
            break
    print(f"{runs} runs, {calls} calls, {successes} changes and reads that succeeded, {time.monotonic() - begin:.0f} s")
    if os.environ.get("API_FUZZ_OUTCOMES"):
        for key, count in sorted(outcomes.items(), key=str):
            print(count, *key)
    return 0


if __name__ == "__main__":
    sys.exit(main())
