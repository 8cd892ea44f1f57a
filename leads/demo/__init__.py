"""Made-up people for a trial installation: a month at one clinic, or a year with a million leads.

Nothing of it can ever be texted by itself, and a live installation refuses all of it.
"""
