"""Who may end an instruction or ask again (办结、再次批示): its author, or a leader above him."""

from rectification.models.instruction import Instruction
from reform.models import Actor, Role
from reform.models.scope import relation


def may_end(actor: Actor, instruction: Instruction) -> bool:
    """Return whether the actor is the author (or holds his duty while he is on leave), or a leader
    above; of one written on paper, also the office that entered it, for the leader."""
    persons = {actor.user.person_id}
    persons |= {duty.behalf.person_id for duty in actor.holding(Role.LEADER) if duty.behalf}
    if instruction.author and instruction.author.person_id in persons:
        return True
    place, path = instruction.place, instruction.organization.path
    for duty in actor.holding(Role.LEADER):
        above = duty.organization.covers(place.path)
        higher = duty.organization_id != place.pk or duty.principal
        if above and higher and relation(duty, path) in {"own", "down"}:
            return True
    on_paper = instruction.recorded_by_id is not None
    return on_paper and any(
        duty.organization.covers(place.path) for duty in actor.holding(Role.OFFICE)
    )
