"""Writes a shop's table of labelled searches, as a shop's export would be: CSV with semicolons, in
Latin-1 (windows-1252), a row for each product that was judged for a search, without splits.

    python3 Scripts/shop_table.py shop.csv

The table is made up: products of a kind differ in two features; shoppers often name kind and features
in words of their own, some with typing errors. Exact is the kind with all features that were asked for,
Partial the kind with some of them, Irrelevant anything else. The same seed writes the same bytes.
"""

import argparse
import csv
import random

# What a kind of product is called in titles | by shoppers, and what it is for.
KINDS = """
sofa | couch, settee | sitting with friends in the living room
rucksack | backpack, hiking bag | day trips and weekends in the mountains
torch | flashlight, hand lamp | finding the way when it is dark
saucepan | cooking pot, small pan | sauces, soups and porridge on any hob
kettle | water boiler, tea maker | boiling a litre of water in three minutes
duvet | quilt, comforter | a good night's sleep in any season
wardrobe | closet, clothes cupboard | hanging up shirts, coats and dresses
trainers | running shoes, sneakers | jogging in the park and on the road
anorak | rain jacket, hooded coat | walks on windy and showery days
drill | screwdriver machine, power tool for holes | walls, wood and metal at home
hob | stove top, cooker plate | cooking with four pots at a time
pram | baby carriage, stroller | the first walks with a newborn child
desk lamp | reading light, study lamp | reading and working in the evening
doormat | entrance rug, floor mat for shoes | keeping dirt out of the hall
secateurs | pruning shears, garden scissors | roses, hedges and young fruit trees
hoover | vacuum cleaner, dust cleaner | carpets, stairs and hard floors
crockery set | plates and bowls, dinner service | everyday meals for four people
jumper | sweater, knitted pullover | cool days at home and outdoors
""".strip()

# A feature as titles say it | as shoppers do | as a description does.
FEATURES = """
waterproof | keeps water out, for rain | It is sealed against water.
cordless | battery powered, without cable | It runs on a rechargeable battery.
foldable | collapsible, folds flat | It folds to a third of its size.
lightweight | not heavy, easy to carry | It weighs less than others of its kind.
for children | kids, for a small child | It is made to the measure of children up to ten.
extra large | xxl, very big | It is the largest in our range.
recycled | sustainable, second life | Made largely of used material.
silent | quiet, makes no noise | You will hardly hear it.
""".strip()

BRANDS = ["Fjällhus", "Möbius", "Château Clair", "Søren & Søn", "Núñez", "Grünfeld", "Ångström"]


def entries(text):
    for line in text.splitlines():
        name, other, last = (part.strip() for part in line.split("|"))
        yield name, [word.strip() for word in other.split(",")], last


def mistyped(text, chance):
    """Swaps two neighbouring letters of some texts."""
    place = chance.randrange(1, len(text) - 2)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def products(chance):
    features = list(entries(FEATURES))
    found = []
    for kind, words, use in entries(KINDS):
        for pair in chance.sample([(a, b) for a in range(8) for b in range(a)], 8):
            brand = chance.choice(BRANDS)
            names = [features[number][0] for number in pair]
            front = [name for name in names if not name.startswith("for ")]
            back = [name for name in names if name.startswith("for ")]
            title = " ".join([brand, *front, kind, *back])
            sentences = [features[number][2] for number in pair]
            price = f"£{chance.randrange(9, 250)}.90"
            text = f"For {use}. {' '.join(sentences)} 2½ years' guarantee, {price}."
            found.append((f"P{1000 + len(found)}", kind, set(pair), title, brand, text))
    return found


def rows(chance, searches):
    kinds, features = list(entries(KINDS)), list(entries(FEATURES))
    offered = products(chance)
    asked = set()
    while len(asked) < searches:
        kind, names, _ = chance.choice(kinds)
        own = [product for product in offered if product[1] == kind]
        wanted = chance.sample(sorted(chance.choice(own)[2]), chance.choice([1, 1, 2]))
        name = chance.choice([kind, kind, *names])
        words = [chance.choice([features[number][0], *features[number][1]]) for number in wanted]
        search = f"{name} {' '.join(words)}" if chance.random() < 0.5 else f"{' '.join(words)} {name}"
        if chance.random() < 0.15:
            search = mistyped(search, chance)
        if search in asked:
            continue
        asked.add(search)
        others = [p for p in offered if p[1] != kind and set(wanted) & p[2]]
        for product in own + chance.sample(others, min(6, len(others))):
            have = len(set(wanted) & product[2])
            label = "Irrelevant"
            if product[1] == kind and have:
                label = "Exact" if have == len(wanted) else "Partial"
            yield [search, product[0], product[3], product[4], product[5], label]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--searches", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with open(options.output, "w", encoding="windows-1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(
            ["search_term", "product_uid", "product_title", "brand", "product_description", "relevance"]
        )
        writer.writerows(rows(random.Random(options.seed), options.searches))


main()
