"""Roles: service.md sections 6, 7 and 12."""

import re

import checks
from state import ABSENT, Resource
from verdict import BAD, INVALID, NOT_FOUND, Verdict

CALLER = "developer@example.com"
ATTRIBUTES = ("createdb", "createrole", "bypassrls")
IDENTITIES = ("USER", "SERVICE_PRINCIPAL", "GROUP")
METHODS = ("LAKEBASE_OAUTH_V1", "PG_PASSWORD_SCRAM_SHA_256", "NO_LOGIN")
SUPERUSER = "DATABRICKS_SUPERUSER"
# Roles of PostgreSQL and of the service, and names that PostgreSQL keeps for itself.
RESERVED = re.compile(r"postgres|cloud_admin|databricks_superuser|public|none|pg_.*", re.DOTALL)


def _present(unit, body):
    spec = body.get("spec") or {}
    name, _, part = unit.partition(".")
    return spec.get(name) is not None and (not part or spec[name].get(part) is not None)


LEAVES = tuple(f"attributes.{name}" for name in ATTRIBUTES)
MASK = checks.Mask(
    {"spec.attributes": "attributes", "spec.membership_roles": "membership_roles",
     **{f"spec.{leaf}": leaf for leaf in LEAVES}},
    ("membership_roles", *LEAVES), _present, repeated=("membership_roles",))


def _known(identity_type, name):
    """Whether the emulator takes it for an identity (--identity: by default whatever looks like one)."""
    if identity_type == "USER":
        return "@" in name
    if identity_type == "SERVICE_PRINCIPAL":
        return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name)
    return True


def _enums(verdict, spec):
    verdict.require(spec.get("identity_type") in (None, "", "IDENTITY_TYPE_UNSPECIFIED", *IDENTITIES), INVALID,
                    "no such identity_type")
    verdict.require(spec.get("auth_method") in (None, "", *METHODS), INVALID, "no such auth_method")
    _memberships(verdict, spec)


def _memberships(verdict, spec):
    for each in spec.get("membership_roles") or ():
        verdict.require(each == SUPERUSER, INVALID, "no such membership role")


def _status(verdict, identifier, spec):
    """What a new role is by its spec."""
    _enums(verdict, spec)
    name = spec.get("postgres_role") or identifier
    identity = spec.get("identity_type") if spec.get("identity_type") in IDENTITIES else None
    checks.postgres_name(verdict, name, "postgres_role")
    verdict.require(not RESERVED.fullmatch(name), BAD, "PostgreSQL keeps the name")
    if identity:
        verdict.require(_known(identity, name), NOT_FOUND, "the identity is not known")
    method = spec.get("auth_method") or ("LAKEBASE_OAUTH_V1" if identity else "PG_PASSWORD_SCRAM_SHA_256")
    verdict.require(identity or method != "LAKEBASE_OAUTH_V1", INVALID, "OAuth needs an identity type")
    attributes = spec.get("attributes") or {}
    return {"role_id": identifier, "postgres_role": name, "identity_type": identity or "IDENTITY_TYPE_UNSPECIFIED",
            "auth_method": method, "attributes": {each: attributes.get(each, False) for each in ATTRIBUTES},
            "membership_roles": [SUPERUSER] if spec.get("membership_roles") else ABSENT}


def initial(verdict, spec):
    """The role of a new project: by `initial_role_spec`, or the caller's; with its `id`. A spec without a name is the
    caller's; the reference does not say of whom else it could be."""
    if spec is None:
        spec = {"identity_type": "USER", "membership_roles": [SUPERUSER], "attributes": {each: True for each in ATTRIBUTES}}
    name = spec.get("postgres_role") or CALLER
    identifier = re.sub(r"[^a-z0-9]+$", "", re.sub(r"[^a-z0-9]", "-", name.partition("@")[0].lower()))
    if spec.get("identity_type") == "SERVICE_PRINCIPAL":
        identifier = "sp-" + name
    return {**_status(verdict, identifier, {**spec, "postgres_role": name}), "id": identifier}


def make(model, name, status):
    return model.state.add(Resource("role", name, status, {"password": {}}))


def version(model, branch):
    return model.state.find(branch.rsplit("/branches/", 1)[0]).status["pg_version"]


def createrole(verdict, pg_version, status):
    if status["attributes"]["createrole"] and pg_version < 16 and status["membership_roles"] == ABSENT:
        verdict.may_refuse(INVALID, "createrole needs DATABRICKS_SUPERUSER below PostgreSQL 16")
        verdict.may_refuse(BAD, "the same")


def create(model, verdict, target, query, body):
    replace = checks.flag(verdict, query, "replace_existing")
    identifier = query.get("role_id", "")
    name = f"{target.parent}/roles/{identifier}"
    verdict.require(body.get("spec") is not None, INVALID, "role is required")
    spec = body.get("spec") or {}
    existing = model.state.live(name, "role") if identifier else None
    if existing and replace:
        _replace(model, verdict, existing, spec)
        return
    status = _status(verdict, identifier or "role-00000000", spec)
    branch = model.state.live(target.parent, "branch")
    if not branch:
        return
    verdict.require(not existing, BAD, "a role of that id exists")
    taken = [each.status["postgres_role"] for each in model.state.below(branch.name, "role")]
    verdict.require(status["postgres_role"] not in taken, BAD, "a role of that name exists")
    createrole(verdict, version(model, branch.name), status)
    made = []

    def effect(resource):
        made_id = identifier or resource["role_id"]
        status.update(role_id=made_id, postgres_role=spec.get("postgres_role") or made_id)
        made.append(make(model, f"{target.parent}/roles/{made_id}", status))

    verdict.effect = effect
    verdict.view = lambda: model.view(made[0])


def _replace(model, verdict, role, spec):
    """The new spec replaces the old one; what cannot be changed stays."""
    fixed = {name: role.status[name] for name in ("postgres_role", "identity_type", "auth_method")}
    _enums(verdict, spec)
    wanted = _status(Verdict(), role.id, {**spec, **fixed})
    for name, value in fixed.items():
        if spec.get(name) and spec[name] != value:
            verdict.may_refuse(INVALID, f"{name} cannot be changed, or is ignored")
            verdict.may_refuse(BAD, f"{name} cannot be changed, or is ignored")
            verdict.may_refuse(NOT_FOUND, "the new identity is not known")
    status = {**wanted, **fixed}
    createrole(verdict, version(model, role.parent), status)

    def effect(_resource):
        role.status = status

    verdict.effect = effect
    verdict.view = lambda: model.view(role)


def update(model, verdict, target, query, body):
    role = model.state.live(target.name, "role")
    units = MASK.units(verdict, query, body)
    spec = body.get("spec", {})
    attributes = dict(role.status["attributes"])
    given = spec.get("attributes") or {}
    if "attributes" in units:
        attributes = {each: given.get(each, False) for each in ATTRIBUTES}
    attributes.update({leaf.partition(".")[2]: given.get(leaf.partition(".")[2]) for leaf in units if "." in leaf})
    membership = role.status["membership_roles"]
    if "membership_roles" in units:
        _memberships(verdict, spec)
        membership = [SUPERUSER] if spec.get("membership_roles") else ABSENT
    status = {**role.status, "attributes": attributes, "membership_roles": membership}
    createrole(verdict, version(model, role.parent), status)

    def effect(_resource):
        role.status = status

    verdict.effect = effect
    verdict.view = lambda: model.view(role)


def delete(model, verdict, target, query, _body):
    role = model.state.live(target.name, "role")
    if not verdict.require(role, NOT_FOUND, "it is missing"):
        return
    heir = query.get("reassign_owned_to", "")
    if heir:
        found = model.state.live(heir, "role")
        verdict.require(found and found.parent == role.parent, NOT_FOUND, "reassign_owned_to is missing")
        verdict.require(heir != role.name, INVALID, "reassign_owned_to is the role itself")
    # Schemas of synced tables belong to pg_database_owner, which stands for the owner of the database.
    owned = [each for each in model.state.below(role.parent, "database") if each.status["role"] == role.name]
    tables = [each for each in model.state.find(role.parent).hidden["tables"].values()
              if each["owner"] == role.status["postgres_role"]]
    verdict.require(heir or not owned + tables, BAD, "it owns objects")

    def effect(_resource):
        for database in owned:
            database.status["role"] = heir
        for table in tables:
            table["owner"] = model.state.find(heir).status["postgres_role"]
        model.state.remove(role.name)

    verdict.effect = effect


def password(model, verdict, target, _query, _body):
    """Reveals the password that was made: the same each time, and in copies, but for those of protected branches."""
    role = model.state.live(target.name, "role")
    if not verdict.require(role, NOT_FOUND, "it is missing"):
        return
    verdict.require(role.status["auth_method"] == "PG_PASSWORD_SCRAM_SHA_256", BAD, "it has no password")
    cell = role.hidden["password"]

    def fits(found):
        """wanted the password of the role"""
        return isinstance(found, str) and found and found == cell["value"] and found != cell.get("not", {}).get("value")

    verdict.effect = lambda resource: cell.setdefault("value", resource.get("password"))
    verdict.view = lambda: {"password": fits}
