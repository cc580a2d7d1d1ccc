"""Who may do what on the ground floor (PERMISSIONS.md, 组织与用户). Default is deny."""

from reform.models import Actor, Duty, Role, User
from reform.models.scope import admits

# user.contact: telephone numbers. Names, posts and organizations are open to all who signed in.
CONTACT: dict[str, str] = {
    Role.MEMBER: "S",
    Role.LIAISON: "U",
    Role.SECRETARY: "U",
    Role.INSPECTOR: "S",
    Role.OFFICE: "D",
    Role.LEADER: "S",
    Role.SYSTEM: "A",
}


def may_see_contact(actor: Actor, user: User, duties: list[Duty]) -> bool:
    """Return whether the telephone of `user`, who holds `duties`, is shown to the actor."""
    if user.pk == actor.user.pk:
        return True
    return any(admits(CONTACT, actor, duty.organization.path) for duty in duties)


def may_read_suggestions(actor: Actor) -> bool:
    return actor.holds(Role.OFFICE)
