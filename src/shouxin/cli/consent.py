"""``shouxin consent``: what a person was told and chose."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.asking import called, read_file, write_bytes
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.consent.consent import Consent
from shouxin.domain.clock import Instant, write
from shouxin.domain.counted import counted
from shouxin.domain.event_kind import Channel
from shouxin.domain.identifiers import ConsentId, SubjectId, parse, show
from shouxin.errors import Invalid

if TYPE_CHECKING:
    from shouxin.policy.consent_demand import About

__all__ = ["answer", "give", "group", "receipt", "serve", "show_all", "verify", "withdraw"]

group = new_group("Consent: what people were told and chose, and taking it back.")

Person = Annotated[str, typer.Argument(metavar="SUBJECT", help="The person, as sub_…")]
For = Annotated[str, typer.Option("--purpose", help="The purpose, by its code.")]


class NoticeLanguage(StrEnum):
    """The languages of notices."""

    ZH = "zh"
    EN = "en"


Language = Annotated[NoticeLanguage, typer.Option("--language", help="The language of the notice that is shown.")]
ByPerson = Annotated[
    bool, typer.Option("--by-person", help="They came by themselves: no interval has to pass after an earlier no.")
]
Age = Annotated[int | None, typer.Option("--age", help="Their age in whole years, if it is known.")]
By = Annotated[str, typer.Option("--guardian", help="Who answers for a child under 14: a known person, as sub_….")]
Question = Annotated[str, typer.Argument(metavar="CONSENT", help="The question that was served, as con_….")]


@command(group, "show", "shouxin consent show sub_0123456789abcdef0123456789abcdef")
def show_all(terminal: Terminal, subject: Person) -> Shown:
    """Show what a person was told and chose, by time."""
    from shouxin.operations.consenting.choose import consents_of

    found = consents_of(terminal.workspace(), terminal.token(), parse(SubjectId, subject))
    consents = [_told(identifier, one) for identifier, one in found]
    rows = [
        (
            show(ConsentId, identifier),
            f"{one.purpose} {one.version}",
            one.about or "told only",
            _at(one.notified),
            f"agreed {_at(one.given)}" if one.given else f"refused {_at(one.refused)}" if one.refused else "",
            f"withdrawn {_at(one.withdrawn)}" if one.withdrawn else "",
        )
        for identifier, one in found
    ]
    heads = ("QUESTION", "PURPOSE", "ABOUT", "TOLD", "", "")
    return Shown({"subject": subject, "consents": consents}, columns(heads, rows))


def _at(instant: Instant | None) -> str | None:
    return None if instant is None else write(instant)


def _told(identifier: ConsentId, one: Consent) -> dict[str, object]:
    return {
        "consent": show(ConsentId, identifier),
        "purpose": one.purpose,
        "version": one.version,
        "kind": one.kind,
        "about": one.about,
        "language": one.language,
        "channel": one.channel,
        "by_person": one.by_person,
        "notice": one.notice.hex(),
        "notified": write(one.notified),
        "given": _at(one.given),
        "separate": one.separate,
        "refused": _at(one.refused),
        "withdrawn": _at(one.withdrawn),
        "stands": one.stands,
    }


@command(group, "give", "shouxin consent give sub_0123456789abcdef0123456789abcdef --purpose marketing --language zh")
def give(
    terminal: Terminal,
    subject: Person,
    purpose: For,
    language: Language = NoticeLanguage.ZH,
    told_only: Annotated[bool, typer.Option("--told-only", help="The person was told, not asked.")] = False,
    by_person: ByPerson = False,
) -> Shown:
    """Serve the notice of a purpose to a person who is here, and record what they chose, in one go."""
    from shouxin.operations.consenting.choose import Choice, give_consent

    choice = Choice(purpose, language.value, agreed=not told_only, by_person=by_person)
    made = give_consent(terminal.workspace(), terminal.token(), parse(SubjectId, subject), choice)
    data = {"consent": show(ConsentId, made), "subject": subject, "purpose": purpose, "agreed": not told_only}
    return Shown(data, [good(f"recorded: {'told' if told_only else 'agreed'} for {purpose}")])


@command(group, "serve", "shouxin consent serve sub_0123456789abcdef0123456789abcdef --purpose marketing --language zh")
def serve(
    terminal: Terminal,
    subject: Person,
    purpose: For,
    language: Language = NoticeLanguage.ZH,
    about: Annotated[
        str, typer.Option("--about", help="One consent alone: sensitive, provide, export, publish, guardian, ….")
    ] = "",
    channel: Annotated[Channel, typer.Option("--channel", help="How it reaches the person.")] = Channel.BRANCH,
    by_person: ByPerson = False,
) -> Shown:
    """Serve the notice of a purpose: print what the person must be shown, and record that it was served."""
    from shouxin.operations.consenting.choose import serve_notice

    served = serve_notice(
        terminal.workspace(),
        terminal.token(),
        parse(SubjectId, subject),
        purpose,
        language.value,
        about=_about(about),
        channel=channel.value,
        by_person=by_person,
    )
    name = show(ConsentId, served.consent)
    data = {
        "consent": name,
        "notice": served.notice.digest.hex(),
        "asks": served.notice.asks,
        "text": served.notice.text,
        "due": list(served.due),
    }
    answer = (
        f"answered with: shouxin consent answer {name} --agree (or --refuse)"
        if served.notice.asks
        else "it asks for nothing"
    )
    lines: list[str | Text] = [served.notice.text, good(f"served as {name}; {answer}")]
    if served.due:  # each is a question of its own, and none may be bundled with this one
        lines.append(f"Still to be asked, each by itself (--about): {', '.join(served.due)}")
    return Shown(data, lines)


def _about(written: str) -> About | None:
    """Read what one question is about; nothing if nothing was said."""
    from shouxin.policy.consent_demand import About

    if written and written not in set(About):
        raise typer.BadParameter(f"one of {', '.join(About)}", param_hint="--about")
    return About(written) if written else None


@command(group, "answer", "shouxin consent answer con_0123456789abcdef0123456789abcdef --agree")
def answer(
    terminal: Terminal,
    consent: Question,
    agree: Annotated[bool, typer.Option("--agree", help="The person agreed.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="The person refused.")] = False,
    age: Age = None,
    guardian: By = "",
) -> Shown:
    """Record what a person said to a notice that was served."""
    from shouxin.operations.consenting.choose import answer_notice

    if agree == refuse:
        raise typer.BadParameter("what did the person say: one of the two", param_hint="--agree, --refuse")
    done = answer_notice(
        terminal.workspace(),
        terminal.token(),
        parse(ConsentId, consent),
        agreed=agree,
        age=age,
        guardian=parse(SubjectId, guardian) if guardian else None,
    )
    said = "agreed" if agree else "refused"
    return Shown(_told(parse(ConsentId, consent), done), [good(f"recorded: {said} for {done.purpose}")])


@command(group, "receipt", "shouxin consent receipt con_0123456789abcdef0123456789abcdef --output receipt.json")
def receipt(
    terminal: Terminal,
    consent: Question,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the receipt to this file.")] = None,
) -> Shown:
    """Issue the receipt of a choice, which the person keeps and can check without us."""
    from shouxin.operations.consenting.receipts import issue_receipt
    from shouxin.vault.receipt import receipt_bytes

    document = issue_receipt(terminal.workspace(), terminal.token(), parse(ConsentId, consent))
    if output is not None:
        write_bytes(output, receipt_bytes(document))
    text = receipt_bytes(document).decode()
    return Shown(document, [good(f"the receipt is in {output}") if output is not None else text])


@command(group, "verify", "shouxin consent verify receipt.json --log-key log.vkey")
def verify(
    _terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The receipt.")],
    log_key: Annotated[Path, typer.Option("--log-key", help="The log's verifier key, got by another way.")],
    witness_key: Annotated[list[Path] | None, typer.Option("--witness-key", help="A witness's; several times.")] = None,
) -> Shown:
    """Check a receipt offline: needs no workspace, only the file and keys that you trust. Exit code 3: not genuine."""
    import json

    from shouxin.ledger.note import parse_verifier
    from shouxin.vault.receipt import check_receipt

    keys = [parse_verifier(read_file(path).strip()) for path in (log_key, *(witness_key or ()))]
    try:
        document = json.loads(read_file(file))
    except (ValueError, RecursionError):
        raise Invalid("is no JSON document", called(file)) from None
    if not isinstance(document, dict):
        raise Invalid("is no receipt", called(file))
    verdict = check_receipt(document, keys[0], keys[1:])
    data = {
        "state": verdict.state.value,
        "purpose": verdict.purpose,
        "version": verdict.version,
        "notice": verdict.notice,
        "witnesses": verdict.witnesses,
        "proved": list(verdict.proved),
        "attested": list(verdict.attested),
    }
    lines: list[str | Text] = [good(f"genuine: {verdict.state} for {verdict.purpose}, version {verdict.version}")]
    lines += [f"  proved    {one}" for one in verdict.proved] + [f"  attested  {one}" for one in verdict.attested]
    return Shown(data, lines)


@command(group, "withdraw", "shouxin consent withdraw sub_0123456789abcdef0123456789abcdef --purpose marketing")
def withdraw(
    terminal: Terminal,
    subject: Person,
    purpose: For,
    about: Annotated[
        str, typer.Option("--about", help="One answer alone, such as provide or export; the purpose goes on.")
    ] = "",
) -> Shown:
    """Take back a person's consent: from the next decision on, for every recipient, and for what rested on it."""
    from shouxin.bootstrap import open_database
    from shouxin.operations.deletion.withdraw import withdraw_consent

    done = withdraw_consent(
        terminal.workspace(), terminal.token(), parse(SubjectId, subject), purpose, _about(about), open_database
    )
    parts = [
        {
            "kind": part.kind,
            "term": part.term,
            "items": list(part.items),
            "outcome": part.outcome.value,
            "rule": part.rule,
            "article": part.article,
            "until": None if part.until is None else part.until.isoformat(),
        }
        for part in done.parts
    ]
    data = {
        "subject": subject,
        "purpose": purpose,
        "about": about or "all",
        "withdrawn": write(done.at),
        "recipients": list(done.recipients),
        "parts": parts,
        "waiting": done.waiting,
        "drawn": list(done.drawn),
        "stays": [{"purpose": one, "article": article} for one, article in done.stays],
        "systems": [
            {"system": one.system, "outcome": one.outcome.value, "erased": one.erased, "retained": one.retained}
            for one in done.systems
        ],
    }
    stops = about or "every use of it"
    lines: list[str | Text] = [good(f"withdrawn for {purpose} at {write(done.at)}; {stops} stops now (PIPL 15(1))")]
    lines += [f"  stops     {one} opens nothing of it any more" for one in done.drawn]
    lines += [f"  told      {code}, until they acknowledge" for code in done.recipients]
    for part in done.parts:
        why = f", {part.article or 'PIPL 47(1)(3)'}"
        until = "" if part.until is None else f", until {part.until}"
        lines.append(f"  {part.outcome.value:9} {part.kind} {', '.join(part.items)}{why}{until}")
    lines += [
        f"  {one.outcome.value:9} database {one.system}, {counted(one.erased, 'row')} erased" for one in done.systems
    ]
    lines += [
        f"  stays     what is kept for {one}, which rests on {article}, not on this consent"
        for one, article in done.stays
    ]
    if done.waiting:
        lines.append("  what rested on it is not erased yet: it is due (shouxin retention run)")
    return Shown(data, lines)
