"""Every page by the name of its picture: what is photographed and what axe looks at."""

from sqlalchemy.orm import Session

from leads.demo import story
from tests.browser import people
from tests.browser.telephone import Telephone


def pages(session: Session) -> dict[str, str]:
    """The paths of every page that somebody signed in can open, on the morning of `people`."""
    phone = Telephone(session)
    maria, tomas, supplier = (
        phone.lead(e164).id for e164 in (people.MARIA, people.TOMAS, people.SUPPLIER)
    )
    return {
        "desk": "/",
        "lead": f"/leads/{maria}",
        "lead-voicemail": f"/leads/{tomas}",
        "lead-other": f"/leads/{supplier}",
        "lead-new": "/leads/new",
        "lead-merge": f"/leads/{maria}/merge?q=tomas",
        "lead-merge-preview": f"/leads/{maria}/merge?with={tomas}",
        "lead-split": f"/leads/{maria}/split",
        "call-back": f"/leads/{maria}/call",
        "leads": "/leads",
        "leads-nobody": "/leads?q=nobody",
        "leads-found": "/leads?q=mornings&stage=new&stage=contacted&waiting=yes",
        "leads-import": "/leads/import",
        "inbox": "/inbox",
        "inbox-unread": "/inbox?show=unread",
        "inbox-undeliverable": "/inbox?show=undeliverable",
        "inbox-thread": f"/inbox/{maria}",
        "calls": "/calls",
        "calls-answered": "/calls?outcome=answered&length=middle&sort=length",
        "follow-ups": "/follow-ups",
        "junk": "/junk",
        "junk-withheld": "/junk?show=withheld",
        "junk-blocked": "/junk?show=blocked",
        "settings-greetings": "/settings/greetings",
        "settings-start": "/settings/start",
        "settings-practice": "/settings/practice",
        "settings-phones": "/settings/phones",
        "settings-numbers": "/settings/numbers",
        "settings-texting": "/settings/texting",
        "settings-plans": "/settings/plans",
        "settings-plan": "/settings/plans/voicemail",
        "settings-replies": "/settings/replies",
        "settings-staff": "/settings/staff",
        "settings-tokens": "/settings/tokens",
        "settings-received": "/settings/received",
        "settings-alarms": "/settings/alarms",
        "account": "/account",
        "password": "/password",
    }


def of_the_month(session: Session) -> dict[str, str]:
    """The pages of those whom `month` alone has, and whose pages say what no other page says."""
    phone = Telephone(session)
    at = {
        "held": phone.lead(story.HANNAH).id,
        "opted-out": phone.lead(story.OMAR).id,
        "untextable": phone.lead(story.RUTH).id,
    }
    alone = {
        "blocked": phone.lead(story.SELLER).id,
        "confidential": phone.lead(story.NORA).id,
        "missed-appointment": phone.lead(story.JONAS).id,
        "snoozed": phone.lead(story.PETER).id,
        "suspect": phone.lead(story.MACHINE).id,
        "won": phone.lead(story.BEN).id,
    }
    return {f"lead-{name}": f"/leads/{lead}" for name, lead in (at | alone).items()} | {
        f"inbox-{name}": f"/inbox/{lead}" for name, lead in at.items()
    }
