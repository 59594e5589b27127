#!/usr/bin/env python3
"""Check a deletion certificate without trusting whoever issued it. 核验删除证明，无须信任出具它的机构。

    python3 verify_certificate.py certificate.json --key lender.vkey --witness-key affiliate.vkey

Get the keys by another way than the certificate: a proof that brings its own key proves nothing. Exit code 0: it holds.
1: not checked, or fewer of your witnesses cosigned than you ask for. 2: wrong usage. 3: it is not genuine. One file for
Python 3.9 or newer and ``cryptography``; it writes nothing and uses no network. Written against specifications alone:
RFC 6962, 8785, 9162; c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature; docs/certificates.md of Shouxin.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import time
from collections import Counter

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "shouxin.certificate/2"
FIELDS = """accountable_until attested checkpoint downstream events evidence_retained format institution issued live
openings operation outcome parts planned proved residuals scope sealed signature subject summary suppression""".split()
LOG, WITNESS = 1, 4  # kinds of keys and signatures (c2sp.org/signed-note)
ODD = (AttributeError, IndexError, InvalidSignature, KeyError, RecursionError, TypeError, ValueError)
ATTESTED = {
    "no-copy-of-a-key-was-kept-outside-the-keyring": ("密钥库之外没有留下密钥", "no copy of a key was kept"),
    "the-provider-destroyed-the-root-key": ("旧根密钥已在保管处销毁", "the old root key was destroyed"),
    "no-recipient-holds-a-copy-that-is-not-listed": ("接收方没有未列明的副本", "no recipient holds an unlisted copy"),
    "the-list-of-openings-is-complete": ("使用记录没有遗漏", "the list of openings is complete"),
    "residuals-are-all-that-is-left": ("残留事项已全部列明", "the residuals listed are all that is left"),
    "other-databases-are-as-reported": ("其他数据库的删除结果属实", "other databases are as reported"),
    "evidence-serves-nothing-but-to-answer": ("留存的材料只用于举证", "evidence serves only to answer for it"),
    "suppression-tag-serves-nothing-else": ("防再收集标签不作他用", "the suppression tag serves nothing else"),
}


def need(holds, why):
    """Stop unless ``holds``."""
    if not holds:
        raise ValueError(why)


def sha(data):
    """SHA-256."""
    return hashlib.sha256(data).digest()


def canonical(value):
    """RFC 8785, for whole numbers and ASCII keys."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def unbase64(text):
    """Standard base64 in its one spelling."""
    data = base64.b64decode(text.encode("ascii"), validate=True)
    need(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


def unhex(text, size):
    """So many bytes in lower-case hexadecimal."""
    data = bytes.fromhex(text)
    need(len(data) == size and data.hex() == text, "a digest or identifier of another length or spelling")
    return data


def read(content):
    """An object of canonical JSON without fractions, at most 16 levels deep. ValueError: no JSON at all."""

    def plain(value, depth):
        if isinstance(value, (dict, list)):
            inner = value if type(value) is list else value.values()
            return depth < 16 and all(plain(one, depth + 1) for one in inner)
        return type(value) is not float

    value = json.loads(content.decode(), parse_int=lambda text: int(text) if len(text) <= 15 else 0.5)
    need(type(value) is dict and plain(value, 0) and canonical(value) == content, "not in canonical form (RFC 8785)")
    return value


def parse_key(text, kind):
    """(name, key id, key) of a verifier key of that kind."""
    name, digits, encoded = text.split("+", 2)
    material = unbase64(encoded)
    key_id = sha(name.encode() + b"\n" + material)[:4]
    named = re.fullmatch(r"[^\s+]+", name) and all(byte >= 32 for byte in name.encode())
    need(named and len(material) == 33 and material[0] == kind and key_id.hex() == digits, "another kind of key")
    return name, key_id, material[1:]


def open_note(note, keys):
    """(text, kinds and names of signers): every signature by a known key holds, and one is a log's."""
    head, divider, foot = note.rpartition("\n\n")
    text, lines, signers = head + "\n", foot[:-1].split("\n"), set()
    need(len(raw := note.encode()) <= 1 << 19 and all(byte >= 32 or byte == 10 for byte in raw), "no signed note")
    need(divider and foot.endswith("\n") and len(lines) <= 64, "no signed note")
    for line in lines:
        dash, name, encoded = line.split(" ", 2)
        data = unbase64(encoded)
        need(dash == "\u2014" and re.fullmatch(r"[^\s+]+", name) and len(data) > 4, "no signature line")
        for kind, (known, key_id, public) in keys:
            if (known, key_id) == (name, data[:4]):
                message, signature = text.encode(), data[4:]
                if kind == WITNESS:
                    at = int.from_bytes(signature[:8], "big")
                    message, signature = f"cosignature/v1\ntime {at}\n{text}".encode(), signature[8:]
                    need(at < 1 << 63, "a cosignature of a time that does not exist")
                Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
                signers.add((kind, name))
    need(any(kind == LOG for kind, _ in signers), "no key of this log that you trust signed it")
    return text, signers


def climb(node, index, size, hashes):
    """The root to which an inclusion proof leads (RFC 9162, 2.1.3.2)."""
    need(type(index) is int and type(size) is int and 0 <= index < size, "no such place")
    last = size - 1
    for sibling in hashes:
        need(last, "a proof that is too long")
        if index & 1 or index == last:
            node = sha(b"\1" + sibling + node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = sha(b"\1" + node + sibling)
        index, last = index >> 1, last >> 1
    need(last == 0, "a proof that is too short")
    return node


def entry_of(row, subject, size, root):
    """The event of one row: in the log, and about this person."""
    entry = row["entry"].encode()
    path = [unhex(one, 32) for one in row["hashes"]]
    need(climb(sha(b"\0" + entry), row["leaf"], size, path) == root, "an entry is not in the log")
    event, member = read(entry), row["member"]
    commitment = sha(b"shouxin/commitment/v1\0" + unhex(row["blinding"], 32) + subject)
    need((member is None) == ("subject" in event), "an entry of another kind")
    if member is None:
        need(event["subject"] == commitment.hex(), "an entry about somebody else")
    else:
        need(type(member["count"]) is int and member["count"] == event["count"], "another number of members")
        up = [unhex(one, 32) for one in member["hashes"]]
        found = climb(sha(b"\0" + commitment), member["position"], event["count"], up)
        need(found == unhex(event["members"], 32), "an entry about others")
    return event


def check_shape(doc):
    """What rests on the institution's word must at least be readable."""

    def texts(row, names, dated=()):
        held = [type(row[one]) is str for one in names.split()]
        return all(held) and all(row[one] is None or type(row[one]) is str for one in dated)

    lists = "attested downstream evidence_retained proved residuals".split()
    need(doc.keys() >= set(FIELDS) and all(type(doc[one]) is list for one in lists), "a field is missing, or no list")
    need(texts(doc["institution"], "name origin") and texts(doc, "issued", ["accountable_until"]), "no text")
    need(all(type(one) is str for one in doc["proved"] + doc["attested"]), "no list of codes")
    need(all(texts(one, "what where owner state", ["due"]) for one in doc["residuals"]), "residuals")
    need(all(texts(one, "what card article", ["until"]) for one in doc["evidence_retained"]), "evidence")
    need(doc["suppression"] is None or texts(doc["suppression"], "card term article", ["until"]), "suppression")
    need(all(texts(one, "database outcome") and type(one["tables"]) is list for one in doc["downstream"]), "downstream")


def check_erasure(doc, events):
    """Whether times, scope, parts and outcome are what the entries say."""
    kinds = ["erasure.intended", "erasure.removed", "erasure.done", "erasure.sealed"][: max(3, len(events))]
    need([one["event"] for one in events] == kinds, "not intent, removal, outcome (and sealing) of one erasure")
    begun, removed, done, sealing = events[0], events[1], events[2], events[3:]
    need(all(one["op"] == doc["operation"] for one in events[:3]), "an entry of another erasure")
    parts, times = doc["parts"], [one["at"] for one in events]
    need(all(type(at) is int and 0 <= at < 253402300800000 for at in times), "a time beyond the year 9999")
    wrote = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at // 1000)) for at in times]
    said = [doc["scope"], doc["planned"], doc["live"], doc["sealed"]]
    need(said == [begun["scope"], wrote[0], *wrote[2:], None][:4] and times == sorted(times), "another scope or times")
    stamp = re.fullmatch("[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z", doc["issued"])
    need(stamp and doc["issued"] >= wrote[-1], "issued before what it speaks of")
    need(all(one["plan"] == done["plan"] and one["epoch"] > done["epoch"] for one in sealing), "another sealing")
    need(done["plan"] == sha(canonical(parts)).hex(), "other parts than the log speaks of")
    for one in parts:
        named = bool(one["rule"] and one["article"]) and (one["until"] is None or type(one["until"]) is str)
        need(named == (one["outcome"] == "retained"), "a part is retained without an article, or gone with one")
    need({one["outcome"] for one in parts} <= {"erased", "nothing-found", "retained"}, "a part without an outcome")
    gone = sum(one["outcome"] == "erased" for one in parts)
    kept = [one["rule"] for one in parts if one["outcome"] == "retained"]
    without = "retained" if set(kept) - {"not-in-scope"} else "nothing-found"
    outcome = ("erased-in-part" if kept else "erased") if gone else without
    planned = [len(parts), sum(one["kind"] == "object" for one in parts), sorted(set(kept))]
    need([begun["cells"], begun["objects"], begun["rules"]] == planned, "another plan than the log speaks of")
    need(removed["cells"] + removed["objects"] <= gone, "more was removed than is listed")
    said = [done["erased"], done["retained"], done["rules"], done["outcome"], done["outcome"]]
    need(said == [gone, len(kept), sorted(set(kept)), outcome, doc["outcome"]], "another outcome than was logged")


def check(doc, keys, witness_keys):
    """(names of witnesses, size of the log, digest), if everything in the certificate holds."""
    need(doc["format"] == FORMAT, "not a certificate of a format known here")
    origin = doc["institution"]["origin"]
    own = [(LOG, key) for key in keys if key[0] == origin]
    digest = sha(canonical({name: one for name, one in doc.items() if name != "signature"})).hex()
    need(open_note(doc["signature"], own)[0] == f"{FORMAT}\n{digest}\n", "changed after it was signed")
    text, signers = open_note(doc["checkpoint"], own + [(WITNESS, key) for key in witness_keys])
    lines = text.split("\n")
    need(len(lines) >= 4 and all(lines[:-1]) and lines[0] == origin, "no checkpoint of this log")
    need(re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]) and int(lines[1]) < 1 << 63, "no size")
    size, root, subject = int(lines[1]), unbase64(lines[2]), unhex(doc["subject"], 16)
    events, openings = ([entry_of(row, subject, size, root) for row in doc[one]] for one in ("events", "openings"))
    for rows in (doc["events"], doc["openings"]):
        need(all(rows[at]["leaf"] < rows[at + 1]["leaf"] for at in range(len(rows) - 1)), "entries out of order")
    check_shape(doc)
    check_erasure(doc, events)
    need(all(one["event"] in ("disclosure.made", "look-up.made") for one in openings), "an opening that is none")
    total = {"erased": Counter(), "retained": Counter(), "openings": Counter(one["purpose"] for one in openings)}
    for part in doc["parts"]:
        total.get(part["outcome"], Counter()).update(part["items"])
    need(canonical(doc["summary"]) == canonical(total), "other totals than what is listed")
    return {name for kind, name in signers if kind == WITNESS and name != origin}, size, digest


def report(doc, names, size, digest, zh):
    """What is proved, what is attested, and what cannot be proved, line by line."""
    total = {kind: ", ".join(f"{one} {n}" for one, n in of.items()) or "0" for kind, of in doc["summary"].items()}
    kept = [one for one in doc["parts"] if one["outcome"] == "retained"]
    terms = "".join(sorted({f"; {one['article']} ≤ {one['until'] or '?'}" for one in kept}))
    left = ["{what} ({where}, {owner}, {due}, {state})".format(**one) for one in doc["residuals"]]
    times = f"planned {doc['planned']}, live {doc['live']}, sealed {doc['sealed'] or '—'}"
    whole = [
        (f"证明成立：{doc['outcome']}", f"It holds: {doc['outcome']}"),
        ("一、已证明（条目、包含证明、签名）", "1. Proved, by entries, inclusion proofs and signatures"),
        (f"  {doc['institution']['name']} 签署，一字未改：{digest}", f"  signed, unchanged, digest {digest}"),
        (f"  日志共 {size} 条，记有 {times}", f"  the log, {size} entries, holds: {times}"),
        (f"  已删除：{total['erased']}", f"  erased: {total['erased']}"),
        (f"  仍保留：{total['retained']}{terms}", f"  retained: {total['retained']}{terms}"),
        (f"  使用与查询，按用途：{total['openings']}", f"  openings by purpose: {total['openings']}"),
        (f"  您信任的见证方共签 {len(names)} 个", f"  {len(names)} witnesses that you trust cosigned"),
        ("二、仅由机构承诺，本程序无法核实", "2. Attested only, on the institution's word"),
        *(tuple(f"  {one}" for one in ATTESTED.get(code, (code, code))) for code in doc["attested"]),
        *((f"  残留：{one}", f"  residual: {one}") for one in left),
        ("三、本程序不能证明", "3. What this program cannot prove"),
        (f"  编号 {doc['subject']} 就是您本人", f"  that {doc['subject']} is you"),
        ("  写入日志的内容属实；日志之外没有副本", "  that what was logged is true; that there is no other copy"),
        (f"  {doc['issued']} 以后发生的事", f"  what happened after {doc['issued']}"),
        *[("  机构没有向别人出示另一份日志", "  that others are shown the same log: no witness cosigned")]
        * (not names),
        *((f"  本版本不认识的字段：{one}", f"  what this field means: {one}") for one in sorted(doc.keys() - FIELDS)),
    ]
    return [pair[0 if zh else 1] for pair in whole]


def key_of(given, kind):
    """A verifier key, given as text or as the name of a file."""
    try:
        if "+" not in given:
            with open(given, encoding="utf-8") as file:
                given = file.read(4096)
        return parse_key(given.strip(), kind)
    except (*ODD, OSError):
        sys.exit(f"{given[:80]}: no verifier key of that kind 不是这种公钥")


def main():
    """Check one certificate; the exit code says what came of it."""
    wide = lambda prog: argparse.HelpFormatter(prog, width=100)  # noqa: E731 - else argparse loads a dozen modules
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], formatter_class=wide)
    parser.add_argument("file", help="the certificate 证明文件")
    parser.add_argument("--key", action="append", required=True, help="a key of the log that you trust 日志公钥")
    parser.add_argument("--witness-key", action="append", default=[], help="a witness's key that you trust 见证方公钥")
    parser.add_argument("--quorum", type=int, help="how many witnesses must have cosigned; else all that you name")
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    given = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")
    keys, witnesses = [key_of(one, LOG) for one in given.key], [key_of(one, WITNESS) for one in given.witness_key]
    try:
        try:
            with open(given.file, "rb") as file:
                doc = read(file.read().removesuffix(b"\n"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError):
            sys.exit(f"{given.file}: no JSON can be read there 读不到证明")
        names, size, digest = check(doc, keys, witnesses)
        lines = report(doc, names, size, digest, given.language == "zh")
    except ODD as error:
        print(f"NOT GENUINE 证明不成立: {error} ({type(error).__name__})")
        return 3
    if len(names) < (len({one[0] for one in witnesses}) if given.quorum is None else given.quorum):
        sys.exit(f"only {len(names)} of your witnesses cosigned 共签的见证方不足")
    print("\n".join("".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in line) for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
