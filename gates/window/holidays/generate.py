#!/usr/bin/env python3
"""Writes data.txt: public holidays by country and part of a country, from PyPI `holidays` (MIT).

    pip install holidays==0.108 && python3 gates/window/holidays/generate.py > gates/window/holidays/data.txt

A line `@DE` or `@DE-BE` begins a country or a part of it; a part holds only what its country lacks, and after its name the dates that
it does not have. `01-01 New Year's Day` comes in each year; `2026-04-03 2027-03-26 Good Friday` on these dates. `~45` after a name
are the days of its weekend, Monday being 0, where they are not Saturday and Sunday.
"""

import datetime
import sys
import warnings

import holidays

FIRST, LAST = 2025, 2035
YEARS = range(FIRST, LAST + 1)
warnings.filterwarnings("ignore")


def english(country, subdivision):
    known = getattr(holidays, country).supported_languages if hasattr(holidays, country) else ()
    language = next((name for name in ("en_US", "en_GB", "en") if name in known), None)
    return holidays.country_holidays(country, subdiv=subdivision, years=YEARS, language=language)


def by_name(found):
    names = {}
    for date in sorted(found):
        for name in found.get_list(date):
            names.setdefault(" ".join(name.split()), []).append(date)
    return names


def lines(names):
    for name, dates in names.items():
        days = {date.strftime("%m-%d") for date in dates}
        if len(days) == 1 and len(dates) == len(YEARS):
            yield f"{days.pop()} {name}"
        else:
            yield f"{' '.join(date.isoformat() for date in dates)} {name}"


def main():
    print(f"# Public holidays, {FIRST} to {LAST}, of PyPI holidays {holidays.__version__} (MIT licence). Written by generate.py.")
    print(f"= {holidays.__version__} {FIRST} {LAST}")
    for country, subdivisions in sorted(holidays.list_supported_countries(include_aliases=False).items()):
        whole = by_name(english(country, None))
        weekend = english(country, None).weekend
        off = "" if weekend == {5, 6} else " ~" + "".join(str(day) for day in sorted(weekend))
        print(f"@{country}{off}")
        print("\n".join(lines(whole)))
        everywhere = {date for dates in whole.values() for date in dates}
        for subdivision in sorted(subdivisions):
            found = english(country, subdivision)
            part = by_name(found)
            own = {n: [d for d in dates if d not in everywhere] for n, dates in part.items()}
            lost = everywhere - set(found)
            print(f"@{country}-{subdivision.replace(chr(32), chr(95))}{off}" + "".join(f" -{d.isoformat()}" for d in sorted(lost)))
            text = "\n".join(lines({n: d for n, d in own.items() if d}))
            if text:
                print(text)


if __name__ == "__main__":
    sys.exit(main())
