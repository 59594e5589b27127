#!/usr/bin/env python3
"""Check a deletion certificate without trusting whoever issued it. 核验删除证明，无须信任出具它的机构。

    python3 verify_certificate.py FILE --key LOG.vkey [--witness-key AFFILIATE.vkey ...] [--quorum N] [--language zh|en]

Get the keys by another way than the certificate: a proof that brings its own key proves nothing. Exit code 0: it holds.
1: not checked, or too few of your witnesses cosigned. 2: wrong usage. 3: it is not genuine. One file for Python 3.9 and
newer and ``cryptography``; it writes nothing and uses no network. By specification: RFC 6962, 8785, 9162; c2sp.org/
signed-note, tlog-checkpoint, tlog-cosignature; docs/certificates.md of Shouxin.
"""

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
# What rests on the institution's word: rows by field, and the texts in each; ? may be null, * may be missing.
LISTS = {"downstream": "database outcome", "evidence_retained": "what card article until?"}
LISTS |= {"institution": "name origin", "residuals": "what where owner due? state day_set_by*"}
LISTS |= {"suppression": "card term article until?", "doc": "issued accountable_until?"}
# A number that no canonical document has is read as another: what is read is then not what was written.
DECODER = json.JSONDecoder(parse_int=lambda n: int(n) if len(n) <= 15 else None, parse_float=len, parse_constant=len)
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
canonical = lambda value: ENCODER.encode(value).encode("utf-8", "surrogatepass")  # noqa: E731 - RFC 8785, ASCII keys
sha = lambda data: hashlib.sha256(data).digest()  # noqa: E731


def need(holds, why):
    """Stop unless ``holds``."""
    if not holds:
        raise ValueError(why)


def unbase64(text):
    """Standard base64 in its one spelling."""
    data = base64.b64decode(text.encode("ascii"), validate=True)
    need(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


def unhex(texts, size):
    """So many bytes each, in lower-case hexadecimal."""
    whole = "".join(texts)
    data = bytes.fromhex(whole)
    need(data.hex() == whole and all(len(one) == 2 * size for one in texts), "a digest of another length or spelling")
    return [data[at : at + size] for at in range(0, len(data), size)]


def read(content):
    """An object of canonical JSON, at most 16 levels deep. JSONDecodeError, UnicodeDecodeError: no JSON at all."""
    value = DECODER.decode(content.decode())
    inner, left = [value], 16
    while inner and left:
        within = [one for each in inner for one in (each.values() if type(each) is dict else each)]
        inner, left = [one for one in within if type(one) in (dict, list)], left - 1
    need(type(value) is dict and not inner and canonical(value) == content, "not in canonical form (RFC 8785)")
    return value


def parse_key(given, kind):
    """(name, key id, key) of a verifier key of that kind, given as text or as the name of a file."""
    if "+" not in given:
        with open(given, encoding="utf-8") as file:
            given = file.read(4096)
    name, digits, encoded = given.strip().split("+", 2)
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
        right = index & 1 or index == last
        node = sha(b"\1" + (sibling + node if right else node + sibling))
        while right and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    need(last == 0, "a proof that is too short")
    return node


def entry_of(row, subject, size, root):
    """The event of one row: in the log, and about this person."""
    entry, member = row["entry"].encode(), row["member"]
    need(climb(sha(b"\0" + entry), row["leaf"], size, unhex(row["hashes"], 32)) == root, "an entry is not in the log")
    event = read(entry)
    commitment = sha(b"shouxin/commitment/v1\0" + unhex([row["blinding"]], 32)[0] + subject)
    need((member is None) == ("subject" in event), "an entry of another kind")
    if member is None:
        need(event["subject"] == commitment.hex(), "an entry about somebody else")
    else:
        need(type(member["count"]) is int and member["count"] == event["count"], "another number of members")
        found = climb(sha(b"\0" + commitment), member["position"], event["count"], unhex(member["hashes"], 32))
        need([found] == unhex([event["members"]], 32), "an entry about others")
    return event


def check_shape(doc):
    """What rests on the institution's word must at least be readable; return it as texts, by field."""
    lists = {**doc, "suppression": [doc["suppression"]] * (doc["suppression"] is not None)}
    lists["institution"], lists["doc"], told = [doc["institution"]], [doc], {kind: [] for kind in LISTS}
    need(doc.keys() >= set(FIELDS), "a field is missing")
    need(all(type(lists[one]) is list for one in (*LISTS, "proved", "attested")), "no list")
    for kind, names in LISTS.items():
        for row in lists[kind]:
            texts = {one: row.get(one[:-1], "") if one[-1] == "*" else row[one.rstrip("?")] for one in names.split()}
            good = all(type(text) is str or (text is None and name[-1] == "?") for name, text in texts.items())
            need(good and (kind != "downstream" or type(row["tables"]) is list), "a text is missing")
            told[kind].append(", ".join(str(text) for text in texts.values() if text != ""))
    need(all(type(one) is str for one in doc["proved"] + doc["attested"]), "no list of codes")
    need(set(doc["attested"]) >= set(list(ATTESTED)[:5]), "what rests on the institution's word is not said")
    return told


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
        known = one["outcome"] in ("erased", "nothing-found", "retained")
        need(known and named == (one["outcome"] == "retained"), "a part without an outcome, or without an article")
    gone = sum(one["outcome"] == "erased" for one in parts)
    kept = [one["rule"] for one in parts if one["outcome"] == "retained"]
    without = "retained" if set(kept) - {"not-in-scope"} else "nothing-found"
    outcome = ("erased-in-part" if kept else "erased") if gone else without
    planned = [len(parts), sum(one["kind"] == "object" for one in parts), sorted(set(kept))]
    need([begun["cells"], begun["objects"], begun["rules"]] == planned, "another plan than the log speaks of")
    counts = [removed["cells"], removed["objects"]]
    need(all(type(one) is int and one >= 0 for one in counts) and sum(counts) <= gone, "other removals than listed")
    said = [done["erased"], done["retained"], done["rules"], done["outcome"], done["outcome"]]
    need(said == [gone, len(kept), sorted(set(kept)), outcome, doc["outcome"]], "another outcome than was logged")
    return sum(counts)


def check(doc, keys, witness_keys):
    """What was found, if everything in the certificate holds."""
    need(doc["format"] == FORMAT and type(doc.get("databases", [])) is list, "not a certificate of a format known here")
    origin = doc["institution"]["origin"]
    own = [(LOG, key) for key in keys if key[0] == origin]
    digest = sha(canonical({name: one for name, one in doc.items() if name != "signature"})).hex()
    need(open_note(doc["signature"], own)[0] == f"{FORMAT}\n{digest}\n", "changed after it was signed")
    text, signers = open_note(doc["checkpoint"], own + [(WITNESS, key) for key in witness_keys])
    lines = text.split("\n")
    need(len(lines) >= 4 and all(lines[:-1]) and lines[0] == origin, "no checkpoint of this log")
    need(re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]) and int(lines[1]) < 1 << 63, "no size")
    size, root, subject = int(lines[1]), unbase64(lines[2]), unhex([doc["subject"]], 16)[0]
    lists = [doc["events"], doc["openings"], doc.get("databases", [])]
    events, openings, told = ([entry_of(row, subject, size, root) for row in rows] for rows in lists)
    order = (rows[at]["leaf"] < rows[at + 1]["leaf"] for rows in lists for at in range(len(rows) - 1))
    need(all(order), "entries out of order")
    found = {"told": check_shape(doc), "removed": check_erasure(doc, events), "size": size, "digest": digest}
    need(all(one["event"] in ("disclosure.made", "look-up.made") for one in openings), "an opening that is none")
    total = {"erased": Counter(), "retained": Counter(), "openings": Counter(one["purpose"] for one in openings)}
    for part in doc["parts"]:
        total.get(part["outcome"], Counter()).update(part["items"])
    need(canonical(doc["summary"]) == canonical(total), "other totals than what is listed")
    for one in told:
        ours = one["event"] == "database.erased" and one["op"] == doc["operation"] and one["at"] <= events[2]["at"]
        need(ours and type(one["dataset"]) is type(one["outcome"]) is str, "no answer of a database")
    logged, named = {one["dataset"]: one["outcome"] for one in told}, {one["database"] for one in doc["downstream"]}
    same = all(logged.get(one["database"], one["outcome"]) == one["outcome"] for one in doc["downstream"])
    need(same and len(logged) == len(told) and logged.keys() <= named, "other answers than the databases gave")
    names = {name for kind, name in signers if kind == WITNESS and name != origin}
    return {**found, "names": names, "logged": logged}


def report(doc, found, zh):
    """What is proved, what is attested, and what cannot be proved, line by line."""
    total = {kind: ", ".join(f"{one} {n}" for one, n in of.items()) or "0" for kind, of in doc["summary"].items()}
    kept = [one for one in doc["parts"] if one["outcome"] == "retained"]
    terms = "".join(sorted({f"; {one['article']} ≤ {one['until'] or '?'}" for one in kept}))
    times = f"planned {doc['planned']}, live {doc['live']}, sealed {doc['sealed'] or '—'}"
    names, removed, told, logged = (found[one] for one in ("names", "removed", "told", "logged"))
    gone = sum(one["outcome"] == "erased" for one in doc["parts"])
    bad = ", ".join(one["database"] for one in doc["downstream"] if one["outcome"] == "failed")
    rows = [(one["database"], one["outcome"], "*" * (one["database"] not in logged)) for one in doc["downstream"]]
    whole = [
        (f"证明成立：{doc['outcome']}", f"It holds: {doc['outcome']}"),
        *[(f"但这些数据库删除失败：{bad}", f"BUT erasing failed in these databases: {bad}")] * bool(bad),
        *[("但日志没有记下移除了任何部分", "BUT the log counts nothing as removed")] * bool(gone and not removed),
        ("一、已证明（条目、包含证明、签名）", "1. Proved, by entries, inclusion proofs and signatures"),
        (f"  {doc['institution']['name']} 签署，一字未改：{found['digest']}", f"  signed, digest {found['digest']}"),
        (f"  日志共 {found['size']} 条，记有 {times}", f"  the log, {found['size']} entries, holds: {times}"),
        (f"  已删除：{total['erased']}", f"  erased: {total['erased']}"),
        (f"  {gone} 个部分中，日志记下移除 {removed} 个", f"  of {gone} parts the log counts {removed} as removed"),
        (f"  仍保留：{total['retained']}{terms}", f"  retained: {total['retained']}{terms}"),
        (f"  使用与查询，按用途：{total['openings']}", f"  openings by purpose: {total['openings']}"),
        *((f"  数据库答复（*：未入日志）：{a} {b}{c}", f"  database (*: not logged): {a} {b}{c}") for a, b, c in rows),
        (f"  您信任的见证方共签 {len(names)} 个", f"  {len(names)} witnesses that you trust cosigned"),
        ("二、仅由机构承诺，本程序无法核实", "2. Attested only, on the institution's word"),
        *(tuple(f"  {one}" for one in ATTESTED.get(code, (code, code))) for code in doc["attested"]),
        *((f"  残留：{one}", f"  residual: {one}") for one in told["residuals"]),
        *((f"  留存备查：{one}", f"  kept as evidence: {one}") for one in told["evidence_retained"]),
        *((f"  防再收集标签：{one}", f"  suppression tag: {one}") for one in told["suppression"]),
        ("三、本程序不能证明", "3. What this program cannot prove"),
        ("  写入日志的内容属实；日志之外没有副本", "  that what was logged is true; that there is no other copy"),
        (f"  编号 {doc['subject']} 就是您本人", f"  that {doc['subject']} is you"),
        (f"  {doc['issued']} 以后发生的事", f"  what happened after {doc['issued']}"),
        *[("  机构没有另一份日志", "  that others see the same log: no witness cosigned")] * (not names),
        *((f"  不认识的字段：{one}", f"  what {one} means") for one in sorted(doc.keys() - {*FIELDS, "databases"})),
    ]
    return [pair[0 if zh else 1] for pair in whole]


def main():
    """Check one certificate; the exit code says what came of it."""
    given, words = {"": [], "--key": [], "--witness-key": [], "--quorum": [], "--language": []}, iter(sys.argv[1:])
    for word in words:  # argparse would take as long to be loaded as fifty openings take to be checked
        given[word if word in given else ""].append(next(words, "?") if word in given else word)
    if len(given[""]) != 1 or not given["--key"] or not all(map(str.isdecimal, given["--quorum"])) or "" in given[""]:
        print(__doc__, file=sys.stderr)
        return 2
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        own, other = ("--key", LOG), ("--witness-key", WITNESS)
        keys, witnesses = ([parse_key(one, kind) for one in given[name]] for name, kind in (own, other))
    except (*ODD, OSError):
        sys.exit("no verifier key of that kind 不是这种公钥")
    try:
        try:
            with open(given[""][0], "rb") as opened:
                doc = read(opened.read().removesuffix(b"\n"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError):
            sys.exit(f"{given[''][0]}: no JSON can be read there 读不到证明")
        found = check(doc, keys, witnesses)
        lines = report(doc, found, given["--language"][-1:] != ["en"])
    except ODD as error:
        print(f"NOT GENUINE 证明不成立: {error} ({type(error).__name__})")
        return 3
    if len(found["names"]) < int([len({one[0] for one in witnesses}), *given["--quorum"]][-1]):
        sys.exit(f"only {len(found['names'])} of your witnesses cosigned 共签的见证方不足")
    print("\n".join("".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in line) for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
