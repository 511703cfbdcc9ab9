#!/usr/bin/env python3
"""Random policies of the window gate, each with when it is open by other programs.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install -r tests/differential/requirements.txt
    PATH=/tmp/oracle/bin:$PATH PREDEPLOY_POLICIES=10000 cargo test --test differential -- --nocapture

Recurrence rules are those of python-dateutil, cron expressions of croniter, events of icalendar and recurring-ical-events, holidays of
holidays, clocks of zoneinfo with PyPI's tzdata (the system's copy is switched off). What these libraries do not define is written down
here once more and apart from the gate: what a boundary means where a clock skips it or shows it twice, that denies beat allows, regions,
and whether a rollout fits.

Writes one JSON object a line: the policy as TOML, its calendars, the instants between which it was looked at, the openings between them,
and when a deployment may start. `window.py COUNT SEED`.
"""

import json
import random
import sys
import warnings
import zoneinfo
from datetime import date, datetime, time, timedelta, timezone

zoneinfo.reset_tzpath(to=[])  # PyPI's tzdata only.

import holidays
import icalendar
import recurring_ical_events
from croniter import croniter
from dateutil.rrule import rrulestr

warnings.filterwarnings("ignore")
UTC = timezone.utc
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Tokyo", "America/St_Johns", "Australia/Lord_Howe",
    "Antarctica/Troll", "Africa/Cairo", "Europe/Dublin", "Africa/Casablanca", "Pacific/Apia", "America/Havana", "America/Santiago",
    "Australia/Adelaide", "Pacific/Chatham", "Asia/Beirut", "America/Sao_Paulo",
]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TWO_LETTERS = [day[:2].upper() for day in DAYS]
HOUR = timedelta(hours=1)
LOOK = timedelta(days=30)


# --- the clock ---------------------------------------------------------------------------------------------------------------------

def wall(instant, zone):
    return instant.astimezone(zone).replace(tzinfo=None)


def transitions(zone, start, end):
    """Instants at which the offset changes, to the second. No two changes are within twelve hours."""
    found, step = [], timedelta(hours=12)
    at = start
    while at < end:
        low, high = at, at + step
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
                if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            found.append(high)
        at += step
    return found


def instant(zone, local, later):
    """A boundary: the moment of the change where the clock skips it, the first or the second where the clock shows it twice."""
    both = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = [at for at in both if wall(at, zone) == local]
    if shown:
        return max(shown) if later else min(shown)
    around = transitions(zone, min(both) - timedelta(days=2), max(both) + timedelta(days=2))
    return next(at for at in around if wall(at - timedelta(seconds=1), zone) < local <= wall(at, zone))


def between(zone, opens, start, end):
    return instant(zone, start, opens), instant(zone, end, not opens)


def lasting(zone, opens, start, days, exact, clock=None):
    """Of a start that is shown twice elapsed time counts from the second, days end as the clock of the day says. RFC 5545, 3.8.5.3, keeps
    the exact duration between DTSTART and DTEND for every time of a series; many programs keep the one on the clock: closed wins."""
    end = instant(zone, start + timedelta(days=days), True if days == 0 else not opens) + exact
    if clock is not None:
        end = (min if opens else max)(end, instant(zone, start + clock, not opens))
    return instant(zone, start, opens), end


# --- lines of a policy: TOML and intervals -----------------------------------------------------------------------------------------

class Line:
    def __init__(self, rng, opens, around):
        self.opens, self.rng, self.calendars = opens, rng, {}
        self.zone_name = rng.choice(ZONES)
        self.zone = zoneinfo.ZoneInfo(self.zone_name)
        self.around = around
        self.first = wall(around, self.zone).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=12)
        self.last = self.first + LOOK + timedelta(days=24)
        kinds = [self.weekly, self.weekly, self.dated, self.cron, self.cron, self.rrule, self.rrule, self.ics, self.ics]
        if not opens:
            kinds.append(self.holidays)
        self.keys, found = rng.choice(kinds)()
        self.intervals = [(start, end) for start, end in found if start < end]

    def quarter(self):
        """A time of day, often at which clocks change."""
        return self.rng.choice([0, 30, 60, 90, 105, 120, 150, 180, 210, self.rng.randrange(96) * 15])

    def local(self):
        return self.first + timedelta(days=12 + self.rng.randrange(25), minutes=self.quarter())

    def duration(self):
        days = self.rng.choice([0, 0, 0, 1, 2])
        minutes = self.rng.choice([30, 60, 90, 240, 480, 1440, self.rng.randrange(1, 1800)]) if days == 0 else self.rng.choice([0, 0, 60, 90])
        text = " ".join(part for part in [f"{days}d" if days else "", f"{minutes}m" if minutes else ""] if part)
        return text, days, timedelta(minutes=minutes)

    def weekly(self):
        rng = self.rng
        days = rng.sample(DAYS, rng.randrange(1, 8))
        start, end = self.quarter(), rng.choice([1440, self.quarter(), self.quarter()])
        clock = lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}"
        found, day = [], self.first
        while day < self.last:
            if DAYS[day.weekday()] in days:
                until = day + timedelta(minutes=end) + (timedelta(days=1) if end <= start else timedelta())
                found.append(between(self.zone, self.opens, day + timedelta(minutes=start), until))
            day += timedelta(days=1)
        return {"days": days, "from": clock(start), "until": clock(end), "zone": self.zone_name}, found

    def dated(self):
        start = self.local()
        if self.rng.random() < 0.5:
            start = start.replace(hour=0, minute=0)
            end = start + timedelta(days=self.rng.randrange(4))
            keys = {"from": start.date().isoformat(), "until": end.date().isoformat()}
            end += timedelta(days=1)
        else:
            end = start + timedelta(minutes=self.rng.randrange(1, 6000))
            keys = {"from": start.strftime("%Y-%m-%dT%H:%M"), "until": end.strftime("%Y-%m-%dT%H:%M")}
        return keys | {"zone": self.zone_name}, [between(self.zone, self.opens, start, end)]

    def cron(self):
        rng = self.rng
        minute = str(rng.choice([0, 0, 15, 30, "0,30", "*/20"]))
        hour = str(rng.choice([rng.randrange(24), rng.randrange(4), "9-17", "*/6", "1,2,3", "0-23/5"]))
        weekday = rng.choice(["*", "*", "1-5", "mon-fri", "0", "7", "5,6", "sun", "tue,thu"])
        day = rng.choice(["*", "*", "1", "13", "1-7", "15,30", "31"])
        month = rng.choice(["*", "*", "*", "1-12/2", "mar,oct,nov", "*"])
        expression = f"{minute} {hour} {day} {month} {weekday}"
        text, days, exact = self.duration()
        try:
            fires, found = croniter(expression, self.first - timedelta(minutes=1)), []
            fire = fires.get_next(datetime)
            while fire < self.last:
                found.append(lasting(self.zone, self.opens, fire, days, exact))
                fire = fires.get_next(datetime)
        except Exception:  # A day that no month has: croniter finds no fire.
            return self.weekly()
        return {"cron": expression, "duration": text, "zone": self.zone_name}, found

    def rule(self, start, hours=True):
        """A rule that `start` is an instance of by what it takes from it, and which RFC 5545 leaves no doubt about."""
        rng = self.rng
        day = TWO_LETTERS[start.weekday()]
        nth, from_end = (start.day - 1) // 7 + 1, -((((start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day - start.day) // 7 + 1)
        others = ",".join({day, *rng.sample(TWO_LETTERS, rng.randrange(0, 5))})
        forms = [
            "FREQ=DAILY", f"FREQ=DAILY;BYDAY={others}", f"FREQ=WEEKLY;BYDAY={others}", "FREQ=WEEKLY", "FREQ=MONTHLY",
            f"FREQ=MONTHLY;BYDAY={nth}{day}", f"FREQ=MONTHLY;BYDAY={from_end}{day}", f"FREQ=MONTHLY;BYDAY={day}", f"FREQ=MONTHLY;BYMONTHDAY={start.day},{rng.randrange(1, 32)}",
            "FREQ=YEARLY", f"FREQ=YEARLY;BYMONTH={start.month};BYDAY={nth}{day}", f"FREQ=MONTHLY;BYDAY={others};BYMONTHDAY={start.day}",
            f"FREQ=DAILY;BYMONTH={start.month},{rng.randrange(1, 13)}", f"FREQ=YEARLY;BYYEARDAY={start.timetuple().tm_yday},{rng.randrange(1, 366)}",
            f"FREQ=WEEKLY;BYDAY={others};WKST={rng.choice(TWO_LETTERS)}",
        ]
        if hours:
            forms += [
                f"FREQ=DAILY;BYHOUR={start.hour},{rng.randrange(24)};BYMINUTE={start.minute},{rng.randrange(60)}", "FREQ=HOURLY",
                f"FREQ=HOURLY;BYDAY={others}", f"FREQ=WEEKLY;BYDAY={others};BYHOUR={start.hour},2",
            ]
        rule = rng.choice(forms)
        if rng.random() < 0.4:
            rule += f";INTERVAL={rng.randrange(2, 5)}"
        return rule

    def ended(self, rule, start, zone):
        """With an end: the text, and its last local time as dateutil takes it."""
        choice, end = self.rng.random(), start + timedelta(days=self.rng.randrange(1, 500), hours=self.rng.randrange(24))
        if choice < 0.25:
            return f"{rule};COUNT={self.rng.randrange(1, 60)}", None
        if choice < 0.5:
            at = end.replace(tzinfo=zone).astimezone(UTC)
            return f"{rule};UNTIL={at:%Y%m%dT%H%M%S}Z", wall(at, zone)
        return rule, None

    @staticmethod
    def instances(rule, start, until, first, last):
        bare = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL"))
        rule = rrulestr(bare, dtstart=start)
        found = rule.between(first, last, inc=True) if not rule._count else [at for at in rule if first <= at <= last]
        return [at for at in found if until is None or at <= until]

    def rrule(self):
        start = self.first.replace(day=1) - timedelta(days=self.rng.choice([0, 17, 40, 300])) + timedelta(minutes=self.quarter())
        day = self.rng.random() < 0.3
        start = start.replace(hour=0, minute=0) if day else start
        rule, until = self.ended(self.rule(start, hours=not day), start, self.zone)
        text, days, exact = self.duration()
        keys = {"rrule": rule, "zone": self.zone_name, "start": start.date().isoformat() if day else start.strftime("%Y-%m-%dT%H:%M")}
        if day and self.rng.random() < 0.5:
            days, exact = 1, timedelta()
        else:
            keys["duration"] = text
        starts = self.instances(rule, start, until, self.first, self.last)
        return keys, [lasting(self.zone, self.opens, at, days, exact) for at in starts]

    def holidays(self):
        country = self.rng.choice(["DE", "US", "GB", "FR", "JP", "DE-BE", "DE-BY", "US-TX", "GB-SCT", "CH-ZH"])
        whole, _, part = country.partition("-")
        include = self.rng.sample(["day-before", "day-after", "bridge"], self.rng.randrange(3))
        years = range(self.first.year - 1, self.last.year + 2)
        days = set(holidays.country_holidays(whole, subdiv=part or None, years=years))
        off = lambda day: day in days or day.weekday() > 4
        one, all_days = timedelta(days=1), set(days)
        for day in days:
            if "day-before" in include:
                all_days.add(day - one)
            if "day-after" in include:
                all_days.add(day + one)
            if "bridge" in include:
                all_days |= {day + side for side in (one, -one) if not off(day + side) and off(day + 2 * side)}
        midnight = lambda day: datetime.combine(day, time())
        found = [lasting(self.zone, False, midnight(day), 1, timedelta()) for day in all_days if self.first <= midnight(day) < self.last]
        keys = {"holidays": [country], "zone": self.zone_name}
        return keys | ({"include": include} if include else {}), found

    def ics(self):
        calendar, found = icalendar.Calendar(), []
        calendar.add("version", "2.0")
        calendar.add("prodid", "-//window.py//")
        for number in range(self.rng.randrange(1, 5)):
            found += self.event(calendar, number)
        name = f"c{self.rng.randrange(10**9)}.ics"
        self.calendars[name] = calendar.to_ical().decode()
        return {"ics": name, "zone": self.zone_name}, found

    def event(self, calendar, number):
        rng, event = self.rng, icalendar.Event()
        start = self.local()
        day = rng.random() < 0.3
        start = start.replace(hour=0, minute=0) if day else start
        # A date and a floating time are of the policy's zone.
        zone_name = rng.choice([None, self.zone_name, rng.choice(ZONES), "UTC"])
        zone_name = None if day else zone_name
        zone = zoneinfo.ZoneInfo(zone_name) if zone_name else self.zone
        written = lambda at: at.date() if day else (at.replace(tzinfo=UTC) if zone_name == "UTC" else at.replace(tzinfo=zone) if zone_name else at)
        # What the clock does not show or shows twice has several readings; those are the edge tests' and the policies'.
        if not day and not plain(zone, start):
            start = start.replace(hour=12)
        again = rng.random() < 0.6
        if again:
            start -= timedelta(days=rng.choice([0, 7, 60, 400]))
            if not day and not plain(zone, start):
                start = start.replace(hour=12)
        event.add("uid", f"{number}@window.py")
        event.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
        event.add("summary", f"event {number}")
        event.add("dtstart", written(start))
        days, exact = (rng.randrange(1, 4), timedelta()) if day else (0, timedelta(minutes=rng.choice([30, 60, 240, 1440, rng.randrange(1, 3000)])))
        kind = rng.choice(["dtend", "duration", "nominal"])
        end = None
        if kind == "dtend":
            end = start + timedelta(days=days) + exact
            if not day and not plain(zone, end):
                end, exact = start + timedelta(hours=100), timedelta(hours=100)
            event.add("dtend", written(end))
            if not day:
                exact = end.replace(tzinfo=zone).astimezone(UTC) - start.replace(tzinfo=zone).astimezone(UTC)
                if exact <= timedelta():
                    return []
        elif kind == "nominal" and not day:
            days, exact = rng.randrange(1, 3), timedelta()
            event.add("duration", timedelta(days=days))
        else:
            event.add("duration", timedelta(days=days) + exact)
            if exact and exact >= timedelta(days=1):
                # `P1DT2H` is a day and two hours, and no number of seconds.
                days, exact = exact.days, exact - timedelta(days=exact.days)
        overrides, until = [], None
        if again:
            rule, until = self.ended(self.rule(start, hours=False), start, zone)
            if day and "UNTIL" in rule:
                rule = f"{rule[: rule.index('UNTIL')]}UNTIL={until:%Y%m%d}"
                until = until.replace(hour=0, minute=0)
            elif zone_name is None and "UNTIL" in rule:
                rule = f"{rule[: rule.index('UNTIL')]}UNTIL={until:%Y%m%dT%H%M%S}"
            event.add("rrule", icalendar.vRecur.from_ical(rule))
            starts = self.instances(rule, start, until, min(start, self.first), self.last)
            for at in rng.sample(starts, min(len(starts), rng.choice([0, 0, 1, 3]))):
                if not day and not plain(zone, at):
                    continue
                choice = rng.random()
                if choice < 0.5:
                    event.add("exdate", written(at) if rng.random() < 0.5 or day or zone_name is None else at.replace(tzinfo=zone).astimezone(UTC))
                else:
                    overrides.append((at, choice < 0.75))
            if rng.random() < 0.3:
                extra = self.local() if not day else self.local().replace(hour=0, minute=0)
                if day or plain(zone, extra):
                    event.add("rdate", [written(extra)])
        calendar.add_component(event)
        moved = []
        for at, cancelled in overrides:
            other = icalendar.Event()
            other.add("uid", f"{number}@window.py")
            other.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
            other.add("recurrence-id", written(at))
            to = at + timedelta(days=rng.randrange(-2, 3)) + (timedelta() if day else timedelta(minutes=rng.choice([0, 60, -60, 200])))
            if not day and not (plain(zone, to) and plain(zone, to + timedelta(hours=3))):
                to = to.replace(hour=12)
            other.add("dtstart", written(to))
            other.add("dtend", written(to + (timedelta(days=1) if day else timedelta(hours=3))))
            if cancelled:
                other.add("status", "CANCELLED")
            calendar.add_component(other)
            if not cancelled:
                moved.append(between(zone, self.opens, to, to + (timedelta(days=1) if day else timedelta(hours=3))))
        clock = end - start if end is not None and not day else None
        return self.expanded(event, overrides, zone, days, exact, clock, end if not again else None) + moved

    def expanded(self, event, overrides, zone, days, exact, clock, end):
        """The starts by recurring-ical-events on the clock of the event; how long each lasts by RFC 5545, 3.8.5.3 and 3.3.6."""
        alone = icalendar.Calendar()
        alone.add_component(event)
        local = lambda value: value.replace(tzinfo=None) if isinstance(value, datetime) else datetime.combine(value, time())
        starts = {local(found.start) for found in recurring_ical_events.of(alone).between(self.first, self.last)}
        starts -= {at for at, _ in overrides}
        if end is not None:
            return [between(zone, self.opens, start, end) for start in starts]
        return [lasting(zone, self.opens, start, days, exact, clock) for start in starts]


def plain(zone, local):
    both = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return both[0] == both[1]


# --- a policy ----------------------------------------------------------------------------------------------------------------------

def union(intervals):
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def inside(intervals, at):
    return any(start <= at < end for start, end in intervals)


def policy(rng):
    zone = zoneinfo.ZoneInfo(rng.choice(ZONES))
    year = rng.randrange(2025, 2031)
    start = datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(365 * 1440))
    if rng.random() < 0.7 and (changes := transitions(zone, datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC))):
        start = rng.choice(changes) - timedelta(minutes=rng.randrange(12 * 1440))
    lines = [Line(rng, True, start) for _ in range(rng.choice([0, 1, 1, 2, 3]))] + [Line(rng, False, start) for _ in range(rng.choice([0, 1, 2, 3]))]
    lines = lines or [Line(rng, False, start)]
    regions = rng.choice([None, None, "all", "any"])
    names = ["eu", "us"] if regions else [None]
    text, calendars = [], {}
    rollout, settle = rng.choice([0, 0, 5, 40, 180, 1000]), rng.choice([0, 0, 0, 15, 60])
    if regions:
        text.append(f'regions = "{regions}"')
    text.append(f'rollout = "{rollout}m"' if rollout else "")
    text.append(f'settle = "{settle}m"' if settle else "")
    used = set()
    for line in lines:
        line.region = rng.choice([None, *names]) if regions else None
    allowed = {line.region for line in lines if line.opens}
    for line in lines:
        # One of several regions, of which any is enough, that only closes is refused.
        if regions == "any" and allowed and None not in allowed and line.region not in allowed:
            line.region = None
    for line in lines:
        used.add(line.region)
        calendars |= line.calendars
        text.append("[[allow]]" if line.opens else "[[deny]]")
        text += [f"{key} = {json.dumps(value)}" for key, value in line.keys.items()]
        if line.region:
            text.append(f'region = "{line.region}"')
    names = sorted(used - {None}) or [None]

    # Look at each piece between neighbouring boundaries, and at what was open before by as much as an opening must settle.
    end, settled = start + LOOK, start - timedelta(minutes=settle)
    cuts = sorted({settled, start, end, *(cut for line in lines for interval in line.intervals for cut in interval if settled < cut < end)})
    covered = {id(line): union(line.intervals) for line in lines}

    def is_open(at):
        def of(name):
            mine = [line for line in lines if line.region in (None, name)]
            allows = [line for line in mine if line.opens]
            denied = any(inside(covered[id(line)], at) for line in mine if not line.opens)
            return not denied and (not allows or any(inside(covered[id(line)], at) for line in allows))
        return (any if regions == "any" else all)([of(name) for name in names])

    openings = union([(a, b) for a, b in zip(cuts, cuts[1:]) if is_open(a)])
    fits = "later"
    for opened, closed in openings:
        ready = max(opened + timedelta(minutes=settle), start)
        # What is still open at the end of what is looked at may stay so.
        if closed == end and ready + timedelta(minutes=rollout) > closed:
            break
        if ready < closed and ready + timedelta(minutes=rollout) <= closed:
            fits = {"at": stamp(ready)}
            break
    openings = [(max(a, start), b) for a, b in openings if b > start]
    return {
        "policy": "\n".join(part for part in text if part) + "\n", "calendars": calendars,
        "from": stamp(start), "until": stamp(end), "openings": [[stamp(a), stamp(b)] for a, b in openings], "fits": fits,
        "zones": zones_version(),
    }


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def zones_version():
    import tzdata
    return tzdata.IANA_VERSION


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    for number in range(count):
        print(json.dumps(policy(random.Random(f"{seed}/{number}"))))


if __name__ == "__main__":
    sys.exit(main())
