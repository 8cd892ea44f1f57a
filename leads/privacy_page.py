"""A privacy page about calls and texts, for the practice's website: a draft to be checked."""

from html import escape

from leads.phone_number import pretty
from leads.practice import Practice

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Calls and text messages: privacy at {clinic}</title>
</head>
<body>
<!-- A draft from the practice's own settings. Check every sentence, fill in what stands in square
     brackets, and have it checked by counsel before it is published. -->
<h1>Calls and text messages: privacy at {clinic}</h1>
<p>Last changed: [date]</p>

<h2>What we keep</h2>
<p>When you call or text {clinic}, we keep your number, the time, what became of the call,
voicemails that you leave, the texts that you and we send, and what you told us about
texting.{transcripts}</p>

<h2>What we use it for</h2>
<p>To call you back, to answer you, and to arrange appointments. We do not sell it. [Check.]</p>

<h2>Text messages</h2>
<p>If you call us and nobody can answer, you may get a text message from us. {how} An inquiry gets
at most three automated texts, at most one in 24 hours. Message and data rates may apply. Reply
STOP to get no more, or HELP for help; you can also tell us at {phone}. You need not agree to texts
to be treated.</p>
<p>Your number and your agreement to texts are not shared with third parties or affiliates for
marketing. [Check that this is true of everybody who works for you.]</p>

<h2>Who else handles it</h2>
<p>Twilio, who carries our calls and texts, and the telephone companies on the way. [Name others:
who hosts the server, keeps backups, runs the website.]</p>

<h2>How long</h2>
<p>[Say for how long you keep calls, texts and voicemails. The record of what people agreed to, and
of STOP, is kept longer, so that it is respected.]</p>

<h2>Your choices</h2>
<p>Ask us at {phone} to see, correct or delete what we keep about you. [Address, e-mail, and the
rights that the law where you are gives.]</p>
</body>
</html>"""

HOW = {
    "call": "The first one answers your call; any further one comes only if you heard our "
    "announcement and did not decline.",
    "notice": "It comes only if you heard our announcement and did not decline.",
    "keypress": "It comes only if you pressed 1 when we asked.",
}


def page(practice: Practice) -> str:
    """The whole page as HTML."""
    return PAGE.format(
        clinic=escape(practice.name),
        phone=escape(pretty(practice.phone)),
        how=HOW[practice.consent_mode],
        transcripts=" Voicemails are also turned into text."
        if practice.transcribe_voicemail
        else "",
    )
