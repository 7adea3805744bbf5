"""The model's resources: what a workspace holds by what was answered."""

import dataclasses


@dataclasses.dataclass
class Resource:
    """`status` is what GET and lists must show in `status` (a value of ABSENT: that the field is not there). `hidden` is
    what the model keeps besides. A soft-deleted resource is `deleted`."""

    kind: str
    name: str
    status: dict
    hidden: dict = dataclasses.field(default_factory=dict)
    deleted: bool = False

    @property
    def id(self):
        return self.name.rsplit("/", 1)[1]

    @property
    def parent(self):
        parts = self.name.split("/")
        return "/".join(parts[:-1] if len(parts) % 2 else parts[:-2])  # a singleton has no id


ABSENT = "(absent)"


class State:
    def __init__(self):
        self.resources = {}

    def add(self, resource):
        self.resources[resource.name] = resource
        return resource

    def find(self, name, kind=None):
        """The resource of that name, deleted or not."""
        found = self.resources.get(name)
        return found if found and kind in (None, found.kind) else None

    def live(self, name, kind=None):
        """The resource of that name if neither it nor anything above it is deleted."""
        found = self.find(name, kind)
        if not found or found.deleted:
            return None
        return found if not found.parent or self.live(found.parent) else None

    def below(self, parent, kind):
        """The children of that kind, in creation order, deleted ones too."""
        return [each for each in self.resources.values() if each.kind == kind and each.parent == parent]

    def all_of(self, kind):
        return [each for each in self.resources.values() if each.kind == kind]

    def remove(self, name):
        """Removes a resource and what is below it."""
        for each in [each for each in self.resources if each == name or each.startswith(name + "/")]:
            del self.resources[each]
