"""What the emulator refuses with 501, whatever the method, and whatever stands below: docs/emulator-rules.md "Bad input"."""

import re

_PART = re.compile("projects/[^/]+/(branches/[^/]+/forward-etl"
                   "|preview/(replication-groups|recovery-branches))(/.*)?")


def is_at(path):
    return bool(_PART.fullmatch(path))
