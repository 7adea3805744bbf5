"""Makes a failing run short: what is left still fails, and each step of it is needed."""

import time


def minimise(steps, fails, seconds):
    """The fewest steps that `fails` still says yes to, found by leaving out ever smaller parts; the last step stays.
    When the time is over, what was reached by then."""
    end = time.monotonic() + seconds
    size = max(1, len(steps) // 2)
    while time.monotonic() < end:
        at, shortened = 0, False
        while at < len(steps) - 1 and time.monotonic() < end:
            shorter = steps[:at] + steps[min(at + size, len(steps) - 1):]
            if len(shorter) < len(steps) and fails(shorter):
                steps, shortened = shorter, True
            else:
                at += size
        if size == 1 and not shortened:
            break
        size = max(1, size // 2)
    return steps
