"""Whom the first start makes on an empty install, so that somebody can be let in. No mail reaches
them. It stands alone because beat, which must know it, has no room for all that staff can do."""

FIRST_ADMIN = "admin@localhost.localdomain"
