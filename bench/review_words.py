"""Invented words, names and sentences for the review site. Nothing here comes from a real site.

Every function takes the random.Random it may draw from and returns plain text: no markup, no
leading or trailing white space, and single spaces only.
"""

PLACES = """Amber Badger Birch Bramble Cinder Clover Cobalt Dapple Drift Falcon Fern Gable Garnet Hazel
Heron Hollow Kestrel Larch Lichen Marigold Mill Moth Nettle Otter Pebble Plover Quarry Quince Rowan
Russet Sorrel Sparrow Thimble Thistle Tinder Umber Walnut Wick Wren Yarrow""".split()
KINDS = ["Bakehouse", "Brasserie", "Canteen", "Chophouse", "Crêperie", "Diner", "Dumpling Bar", "Espresso Room",
         "Grill & Sons", "Kitchen", "Noodle House", "Oyster Shed", "Piñata Cantina", "Ramen-Ya", "Supper Club",
         "Taquería", "Tea Rooms", "Tavern", "Trattoria", "Würstelhaus"]
GIVEN_NAMES = """Agnes Amadou Anaïs Åsa Bastian Beata Callum Chloë Dagny Dmitri Elio Emre Fiadh Gideon
Halima Inés Ivo Jörg Kaori Keziah Lars Łucja Mateo Nadia Noé Odalys Pavel Priya Ramón Renée Saoirse
Søren Tadeo Ulla Viggo Wanjiru Ximena Yusuf Zoë Živa 美咲 Ольга Νίκη""".split()
TOWNS = ["Ashwater, OR", "Beckford, CA", "Cold Spring Mills, NV", "Dunlin Bay, WA", "Eastmarsh, ME", "Fallow Creek, TX",
         "Gosling Heights, NY", "Harrowgate, IL", "Île-aux-Noix, Canada", "Königswald, Germany", "Larkhaven, FL",
         "Peñas Blancas, Mexico"]

DISHES = """barley soup|beetroot ravioli|black bean tacos|braised short rib|brown butter gnocchi|buttermilk pancakes
charred leeks|chicken pot pie|clam fritters|cold sesame noodles|crème brûlée|duck ragù|fig tart|fish stew
garlic bread|ginger scones|grilled halloumi|house pickles|jalapeño cornbread|lamb skewers|lemon posset
mac & cheese|mushroom toast|onion rings|pâté|plum crumble|potato salad|rice pudding|roast cauliflower
smoked trout|soft pretzel|squash curry|sticky ribs|tomato bisque|veggie burger|walnut pesto""".replace("\n", "|").split("|")
PRAISE = """bright|buttery|crisp|delicate|generous|golden|just right|lovely|perfectly seasoned|silky|smoky
tender|well balanced|worth the drive""".replace("\n", "|").split("|")
BLAME = """bland|burnt at the edges|dry|far too salty|greasy|lukewarm|overcooked|soggy|stale|tiny
tough|watery""".replace("\n", "|").split("|")
PEOPLE = ["the bartender", "the cook", "the host", "the manager", "the owner", "our waiter", "our waitress"]
TIMES = ["on a Tuesday", "on Saturday night", "for brunch", "after the theater", "on a rainy Monday",
         "for my sister's birthday", "just before closing", "with the kids"]

GOOD_LINES = ["The {dish} was {praise}.", "I'd come back for the {dish} alone!", "We shared the {dish} & the {dish2}, both {praise}.",
              "{person} remembered us — who does that?", "My fiancé calls it \"the best {dish} in town\".",
              "Five minutes in line, then {dish}: {praise} 😋", "{person} brought extra {dish}, on the house ❤️",
              "Not cheap, but {praise}, like the {dish}.", "You won’t find a better {dish} for < $15."]
BAD_LINES = ["The {dish} was {blame}.", "We waited {n} minutes for the {dish}…", "{person} forgot our {dish}, twice!",
             "My {dish} came {blame} & the {dish2} never came 🙄", "Nobody said sorry; {person} just shrugged.",
             "${n} for {dish}, {blame}, isn't \"market price\"."]
PLAIN_LINES = ["We stopped by {time}.", "There's parking behind the building.", "It gets loud when > {n} people are in.",
               "{person} said the menu changes every {n} days.", "The room is small, so call ahead.",
               "I had the {dish}, he had the {dish2}.", "Open late; we went {time}."]


def business_name(rng):
    """Name of a restaurant, e.g. `Quince & Moth Crêperie`."""
    first, second = rng.sample(PLACES, 2)
    return rng.choice(["%s & %s %s", "%s %s %s", "%s's %s %s"]) % (first, second, rng.choice(KINDS))


def author_name(rng):
    """A given name and an initial, e.g. `Søren T.`."""
    return "%s %s." % (rng.choice(GIVEN_NAMES), rng.choice("ABCDEFGHIJKLMNOPRSTVW"))


def sentence(rng, line):
    """The template `line` with everything filled in."""
    dish, dish2 = rng.sample(DISHES, 2)
    text = line.format(dish=dish, dish2=dish2, praise=rng.choice(PRAISE), blame=rng.choice(BLAME),
                       person=rng.choice(PEOPLE), time=rng.choice(TIMES), n=rng.randint(3, 95))
    return text[0].upper() + text[1:]


def paragraphs(rng, rating):
    """One to three paragraphs, 3 to 6 different sentences in all, kinder the higher the rating (1 to 5)."""
    pools = [rng.sample(lines, len(lines)) for lines in (GOOD_LINES, BAD_LINES, PLAIN_LINES)]
    chosen = rng.choices(pools, weights=(rating, 5 - rating, 2), k=rng.randint(3, 6))
    sentences = [sentence(rng, pool.pop()) for pool in chosen]
    cuts = sorted(rng.sample(range(1, len(sentences)), rng.randint(0, 2)))
    return [" ".join(sentences[start:end]) for start, end in zip([0, *cuts], [*cuts, len(sentences)])]
