"""Which command comes next for a request, by where it stands and what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shouxin.rights.kinds import Assurance, RightKind, kind_of, shown_for
from shouxin.rights.transitions import RightState

if TYPE_CHECKING:
    from shouxin.rights.request import RightRequest

__all__ = ["next_command"]

_K = RightKind
# What does it, by what was asked; {right} stands for its name.
_DOES: Final[dict[RightKind, str]] = {
    _K.KNOW: "shouxin right fulfil {right} --reply-file FILE",
    _K.ACCESS: "shouxin right package {right} --out copy.html",
    _K.COPY: "shouxin right package {right} --out copy.html",
    _K.PORT: "shouxin right package {right} --out copy.html",
    _K.CORRECT: "shouxin right correct {right} --item CODE",
    _K.SUPPLEMENT: "shouxin right correct {right} --item CODE --under PURPOSE",
    _K.DELETE: "shouxin deletion draft --right {right}",
    _K.RESTRICT: "shouxin right restrict {right}",
    _K.REFUSE_AUTOMATION: "shouxin right review {right} --done CODE",
    _K.EXPLAIN: "shouxin right explain {right} --answer",
    _K.CLOSE_ACCOUNT: "shouxin deletion draft --right {right}",
    _K.OBJECT_CREDIT: "shouxin right correct {right} --item CODE, if it was wrong; else shouxin right settle {right}",
    _K.COMPLAIN: "shouxin complaint answer {right} --reply-file FILE",
    _K.REPORT_LEAK: "shouxin complaint answer {right} --reply-file FILE",
}


def next_command(right: str, request: RightRequest) -> str:
    """Return the command that takes a request on from where it stands; empty once it was answered.

    Words in capitals are for whoever types it to fill in. ``right`` is its identifier as people write it.
    """
    needed = kind_of(request.kind).assurance
    if request.state is RightState.RECEIVED and needed is not Assurance.NONE:
        shown = sorted(shown_for(request.kind, request.capacity))
        by = [*(["CODE"] if needed >= Assurance.MATCHED else []), *shown]
        paper = " --evidence FILE" if needed >= Assurance.MATCHED else ""
        means = "".join(f" --by {one}" for one in by)
        return f"shouxin right identify {right} --assurance {needed.name.lower()}{means}{paper}"
    if request.state in {RightState.RECEIVED, RightState.IDENTIFIED}:
        return f"shouxin right start {right}"
    if request.state is not RightState.IN_PROGRESS:
        return ""
    if request.packages:
        return f"shouxin right fulfil {right} --done package"
    return _DOES[request.kind].format(right=right)
