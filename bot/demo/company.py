"""The made-up company of the demo: who works there, where they talk, and how the bot is known to its Slack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Mode = Literal["socket", "events"]

TEAM = "T0MAPLE01"
NAME = "Maple Freight"
DOMAIN = "maple-freight"

APP = "A0FRICTION"
BOT_USER = "U0FRICTION"
BOT = "B0FRICTION"  # as local-slack derives it from the bot's user id
BOT_NAME = "friction"
BOT_TOKEN = "xoxb-maple-freight-demo"
APP_TOKEN = "xapp-maple-freight-demo"
SIGNING_SECRET = "maple-freight-demo-signing-secret"


@dataclass(frozen=True)
class Person:
    """Somebody at Maple Freight."""

    id: str
    name: str
    real_name: str
    tz: str


@dataclass(frozen=True)
class Channel:
    """A public channel; everybody and the bot are in all of them."""

    id: str
    name: str
    topic: str


ANNA = Person("U0ANNA001", "anna", "Anna Lindqvist", "Europe/Stockholm")
BAO = Person("U0BAO0002", "bao", "Bảo Nguyễn", "Asia/Ho_Chi_Minh")
CHIDI = Person("U0CHIDI03", "chidi", "Chidi Okafor", "Africa/Lagos")
DILNOZA = Person("U0DILNO04", "dilnoza", "Dilnoza Karimova", "Asia/Tashkent")
EMRE = Person("U0EMRE005", "emre", "Emre Yıldız", "Europe/Istanbul")
FATIMA = Person("U0FATIM06", "fatima", "Fatima El Amrani", "Africa/Casablanca")
GUSTAVO = Person("U0GUSTA07", "gustavo", "Gustavo Pereira", "America/Sao_Paulo")
HANA = Person("U0HANA008", "hana", "小林 Hana", "Asia/Tokyo")
INAKI = Person("U0INAKI09", "inaki", "Iñaki Etxeberria", "Europe/Madrid")
JO = Person("U0JO00010", "jo", "Jo Whitaker", "America/Chicago")
KAVYA = Person("U0KAVYA11", "kavya", "Kavya Raman", "Asia/Kolkata")
LWAZI = Person("U0LWAZI12", "lwazi", "Lwazi Dlamini", "Africa/Johannesburg")
MARTA = Person("U0MARTA13", "marta", "Marta Kowalska", "Europe/Warsaw")
NOAM = Person("U0NOAM014", "noam", "Noam Levi", "Asia/Jerusalem")
OLUCHI = Person("U0OLUCH15", "oluchi", "Oluchi Eze", "Europe/London")
PRIYA = Person("U0PRIYA16", "priya", "Priya Nair", "America/New_York")
TINA = Person("U0TINA017", "tina", "Tina Brandt", "Europe/Berlin")

ENGINEERS = (ANNA, BAO, CHIDI, DILNOZA, EMRE, FATIMA, GUSTAVO, HANA, INAKI, JO, KAVYA, LWAZI)
LEADS = (MARTA, NOAM, OLUCHI)
TPMS = (PRIYA, TINA)
PEOPLE = (*ENGINEERS, *LEADS, *TPMS)

AREAS = {PRIYA: ("errors", "debugging"), TINA: ("docs", "onboarding")}
"""Which areas each TPM gets a digest of."""

FRICTION = Channel("C0FRICT01", "friction", "What slows us down, one card a problem. 👍 if it hits you too.")
ENGINEERING = Channel("C0ENGIN02", "engineering", "Everything that has no channel of its own")
HELP = Channel("C0PLATF03", "platform-help", "Ask the platform teams")
MOBILE = Channel("C0MOBIL04", "mobile", "Driver and dispatcher apps")
CHANNELS = (FRICTION, ENGINEERING, HELP, MOBILE)


def config(mode: Mode, request_url: str | None = None) -> dict[str, Any]:
    """The company as local-slack's configuration. In `events` mode the bot is called at `request_url`."""
    app = {
        "appId": APP,
        "botUserId": BOT_USER,
        "botName": BOT_NAME,
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "signingSecret": SIGNING_SECRET,
        "mode": mode,
    }
    members = [*(person.id for person in PEOPLE), BOT_USER]
    return {
        "workspace": {"name": NAME, "domain": DOMAIN, "teamId": TEAM},
        "apps": [app if request_url is None else {**app, "requestUrl": request_url}],
        "users": [{**vars(person), "email": f"{person.name}@maple-freight.example"} for person in PEOPLE],
        "channels": [{**vars(channel), "members": members} for channel in CHANNELS],
    }
