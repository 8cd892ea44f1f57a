"""Words for made-up people: what they are called, say and write, and what staff note of them."""

_FIRST = (
    "Aaron Abigail Adam Aisha Alan Alice Amara Amir Andrea Anita Arjun Beth Brian Caleb Camila "
    "Carlos Carmen Cecilia Chloe Connor Dana Daniel Darius Diego Elaine Elena Elias Emily Esther "
    "Ethan Fatima Felix Fiona Gabriel Gloria Hana Harold Helen Henry Ian Imani Ingrid Isaac Ivy "
    "Jamal Janet Jasmine Joel Jonas Joyce Karen Keiko Kenji Lars Laura Leila Leo Lucia Malik "
    "Marcus Margaret Marta Mateo Mei Miguel Mina Nadia Naomi Nathan Nina Nora Omar Oscar Paula "
    "Peter Quinn Rachel Rafael Rajesh Rebecca Rita Robert Rosalind Ruth Samira Sofia Stefan Susan "
    "Tariq Teresa Thomas Tran Vera Victor Walter Wendy Yara Yusuf Zoe"
)
_LAST = (
    "Abbott Adeyemi Ahmed Alvarez Anderson Bailey Baker Banerjee Barnes Becker Bennett Berg Bishop "
    "Brooks Burke Castillo Chan Chavez Clarke Cohen Collins Cooper Cruz Dalton Davis Delgado Diaz "
    "Dixon Doyle Eriksen Evans Farah Feldman Fischer Flores Foster Fujita Garcia Gibson Gomez "
    "Grant Gupta "
    "Haddad Hansen Harper Hayes Hoffman Holt Hughes Ibrahim Ito Jackson Jensen Johansson "
    "Kaplan Kaur Kelly Khan Kim Klein Kowalski Kumar Lam Larsen Lee Lopez Lund Malone Martin Mason "
    "Mendez Meyer Morales Murphy Nakamura Nelson Nguyen Novak Okafor Olsen Ortega Osman Park Patel "
    "Pereira Petrov Quinn Rahman Ramos Reid Rivera Romero Rossi Russo Ryan Sato Schmidt Shah Silva "
    "Singh Sokolov Stein Sullivan Suzuki Tanaka Torres Tran Vargas Wagner Walsh Weber Whitaker "
    "Wilson Wong Wright Yamada Young Zhang Zimmerman"
)
FIRST, LAST = _FIRST.split(), _LAST.split()
REPLIES = (
    "Yes please, mornings are best",
    "Could I come in on Thursday?",
    "Can you call me after 4?",
    "Thanks for the text. Do you have anything this week?",
    "What time do you open on Saturday?",
    "I would like to move my visit to next week",
    "Sorry I missed you, please call again",
    "How long does a first visit take?",
    "Is there parking at your place?",
    "I have a question about my bill",
)
ANSWERS = (
    "Thank you for writing. We will call you in a few minutes.",
    "Yes, we have a time then. Shall I put you down?",
    "Tuesday at 10 is free. Does that suit you?",
    "We are open until 6 today. Come by any time.",
    "A first visit takes about an hour. When would suit you?",
)
NOTES = (
    "Prefers mornings.",
    "Asked about parking; told them about the lot behind the building.",
    "Wants the same time as last year.",
    "Call the mobile, not the office.",
    "Comes with her daughter.",
    "Speaks Spanish at home; Ana can call.",
    "Asked for a receipt of the last visit.",
    "Will decide after the holidays.",
)
VOICEMAILS = (
    "Hi, I would like to make an appointment. You can reach me all day. Thank you.",
    "Hello, please call me back about a time next week.",
    "Hi there, I have a question before I come in. Please call when you can.",
    "This is about my visit on Friday, I may be ten minutes late.",
    "Hi, a friend gave me your number. I would like to come in.",
)
TAGS = ("Evenings", "Family", "New patient", "Referred", "Saturday", "Spanish")
NUMBERS = (  # of the clinic, beside its own: number, label, source
    ("+14254379981", "Google Ads", "google-ads"),
    ("+14254379982", "Yelp page", "yelp"),
    ("+14254379983", "Sign on Main Street", "sign"),
)
