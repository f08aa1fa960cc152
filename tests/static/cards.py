"""Each capability card fits share/authorities.schema.json, and what does not
fit is found: a check that cannot fail would prove nothing."""

import copy
import json
import pathlib
import sys

import jsonschema

top = pathlib.Path(__file__).resolve().parents[2] / "share"
schema = json.loads((top / "authorities.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(schema)
judge = jsonschema.Draft7Validator(schema)
n = failed = 0


def tell(name, faults):
    global n, failed
    n += 1
    failed += bool(faults)
    print("%sok %d - %s" % ("not " if faults else "", n, name))
    for f in faults:
        print("# " + f)


def faults_of(card):
    return ["%s: %s" % ("/".join(map(str, e.path)), e.message[:200]) for e in judge.iter_errors(card)]


cards = sorted((top / "authorities").glob("*.json"))
tell("there are cards", [] if len(cards) >= 5 else ["%d" % len(cards)])
for path in cards:
    card = json.loads(path.read_text())
    faults = faults_of(card)
    if card["id"] != path.stem:
        faults.append("its id is %s" % card["id"])
    tell(path.stem, faults)

card = json.loads(cards[0].read_text())
for name, change in (
        ("a fact without a reference", lambda c: c["grants"][0].pop("reference")),
        ("a fact without a day", lambda c: c["profiles"][0]["keys"].pop("checked")),
        ("an unknown effect", lambda c: c["grants"][0].update(effect="maybe")),
        ("an unknown member", lambda c: c.update(surprise=1)),
        ("an unknown item", lambda c: c["grants"][0].update(item="everything"))):
    wrong = copy.deepcopy(card)
    change(wrong)
    tell(name + " is found", [] if faults_of(wrong) else ["it fits"])
print("1..%d" % n)
sys.exit(failed > 0)
