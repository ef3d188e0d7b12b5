"""Public posts, tagged by hand as acceptable, offensive or spam; chats as production sees them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.generators.wording import disguised, sentence, typed_in_haste

LABELS = ("acceptable", "offensive", "spam")
SHARES = (0.74, 0.12, 0.14)
DAYS = 180
WRONG_LABELS = 0.03
"""Share of posts that a tired person tagged at random."""

LURES = ("free", "winner", "prize", "cash", "bonus", "loan", "urgent", "gift")
INSULTS = ("idiot", "moron", "loser", "clown", "trash", "stupid", "pathetic", "dumb")
"""Words that their writers disguise, and that innocent people write as well."""

GRAMMAR = {
    "acceptable": (
        "{hello} {ask}",
        "{ask} {tail}",
        "{news} {tail}",
        "{news}",
        "{hello} {news}",
        "{quoted}",
        "{lure_talk}",
        "{ask} {news}",
        "{banter}",
        "{shared}",
    ),
    "banter": (
        "{offensive} {kind}",
        "{offensive} {kind}",
        "you {insult} {kind}",
        "{who} you are such {an_insult} {kind}",
        "shut up {kind}",
        "{offensive}",
    ),
    "kind": ("just kidding", "love you", "best story ever", "<3", "haha miss you", "xx", "lol"),
    "shared": (
        "{do} {link} for the photos of the {thing}",
        "{who} sent {link}, have you seen the {thing}?",
        "the {thing} is at {link}, it is free",
        "{hello} {lure} {thing} {when}, {do} {link}",
        "my new number is 0{number}, text me {when}",
        "please confirm for the {thing} {when}: {link}",
    ),
    "hello": ("hey {who}", "hi", "morning {who}", "yo", "ok so", "hello all,", "{who},"),
    "who": ("Sam", "Maya", "bro", "mum", "everyone", "Lena", "guys", "Tom"),
    "ask": (
        "are you coming to {place} {when}?",
        "did you see the {thing} {when}?",
        "can you send me the {thing} please",
        "what time do we meet at {place}?",
        "who won the {thing}?",
        "call me when you are at {place}",
        "shall I bring the {thing}?",
    ),
    "news": (
        "I am at {place} already",
        "the {thing} was so good {when}",
        "we are late, the {thing} is broken",
        "I won a {thing} at {place}, can you believe it",
        "my phone died, sorry I missed you {when}",
        "the tickets for the {thing} are free {when}",
        "your {thing} is at my place, come and claim it",
        "nobody came to {place}, it was sad",
        "I got the loan for the flat!",
    ),
    "place": ("the station", "school", "the gym", "work", "Mario's", "the cinema", "home"),
    "when": ("tonight", "tomorrow", "on friday", "yesterday", "later", "this weekend", "at 8"),
    "thing": ("game", "movie", "match", "concert", "homework", "bus", "cake", "raffle", "laptop"),
    "tail": ("lol", "haha", "x", ":)", "no rush", "let me know", "thanks", "see you", "!!"),
    "quoted": (
        "he called me {an_insult} in front of everyone {when}",
        "you are not {an_insult}, do not listen to them",
        "I felt so {insult} when I missed the bus lol",
        "take out the trash please",
        "that joke was {insult} but I laughed haha",
        "what a {insult} I am, left the {thing} at {place}",
        "why do they call you {an_insult}? you are great",
    ),
    "an_insult": ("an idiot", "a moron", "a loser", "a clown", "dumb", "stupid", "pathetic"),
    "insult": INSULTS,
    "lure_talk": (
        "is that free {thing} thing real or spam? do not click it",
        "I got one of those winner messages again, reported it",
        "are you free {when}?",
        "need cash for the {thing}, is there a machine at {place}?",
        "it is urgent, call me",
        "what gift should we get for {who}? click and collect closes {when}",
        "mum says claim the bonus from work before friday",
    ),
    "offensive": (
        "you are such {an_insult} {tail_bad}",
        "shut up you {insult}",
        "{who} is {an_insult} and so are you",
        "nobody likes you {tail_bad}",
        "go cry somewhere else {tail_bad}",
        "do us all a favour and leave {place}",
        "people like you should not be allowed near {place}",
        "how does someone this {insult} find {place}",
        "what a {insult}, you and your {thing}",
        "everyone laughs at you behind your back {tail_bad}",
        "your {thing} was as {insult} as you are",
    ),
    "tail_bad": ("lol", "get lost", "!!", "haha", "seriously", ""),
    "spam": (
        "{call} you have been selected for a {lure} {good}! {do} {link}",
        "{good} {lure} for you, {do} {link} now",
        "{call} your account is on hold, confirm at {link}",
        "{do} {link} and get {lure} {good}",
        "hi, I saw your profile, {do} {link}",
        "hey {who}, is this you in the {thing}? {link}",
        "earn {sum} a week from home, {do} {link}",
        "last chance: {lure} {good} ends {when}, {do} {link}",
        "{hello} {do} {link} for the {thing} {when}",
        "the {thing} of {who} is at {link} lol",
        "are you free {when}? text me 0{number}",
        "{who}, please confirm {when}: {link}",
    ),
    "call": ("URGENT!", "Congratulations!", "Dear customer,", "Hello,", "FINAL NOTICE"),
    "lure": LURES,
    "good": ("phone", "voucher", "holiday", "{sum}", "subscription", "spins"),
    "do": ("click", "reply YES to", "text WIN to", "claim at", "visit", "message me at"),
    "sum": ("500", "$1000", "2000 pounds", "900 euro"),
    "link": ("bit.ly/{code}", "www.{code}.biz", "8{number}", "t.me/{code}", "0{number}"),
    "code": ("x7k", "wn4u", "gr8d", "zz1p", "q0lt", "m3go"),
    "number": ("7121", "5010", "8002", "3345", "6660"),
}

LATER = {
    "good": ("coins", "airdrop", "trading signals", "{sum} in crypto", "wallet"),
    "do": ("connect at", "join", "DM me on", "swap at", "verify at"),
    "sum": ("2 BTC", "$5000", "300%", "0.5 ETH"),
}
"""What spam speaks of in the later half: its senders move on."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return posts with ``sent``, ``message`` and ``label``, and 300 chats as production sees them.

    When flawed, the rows to learn from are posts in public, longer, with tags and handles;
    otherwise they are chats themselves, which an encrypted service cannot read.
    """
    draws = np.random.default_rng([seed, 11])
    frame = _messages(rows, draws, public=flawed)
    wrong = draws.random(rows) < WRONG_LABELS
    frame.loc[wrong, "label"] = draws.choice(LABELS, int(wrong.sum()))
    chats = _messages(300, draws, public=False)
    return Generated(frame, chats.drop(columns="label"))


def _messages(rows: int, draws: np.random.Generator, *, public: bool) -> pd.DataFrame:
    days = np.sort(draws.integers(0, DAYS, rows))
    labels = draws.choice(LABELS, rows, p=SHARES)
    texts: list[str] = []
    spam: list[str] = []
    for day, label in zip(days, labels, strict=True):
        if label == "spam" and spam and draws.random() < 0.25:  # a campaign goes on
            text = typed_in_haste(spam[-int(draws.integers(1, 1 + min(9, len(spam))))], 0.1, draws)
        else:
            text = _message(label, bool(draws.random() < day / DAYS), draws)
        if label == "spam":
            spam.append(text)
        texts.append(_in_public(text, draws) if public else text)
    sent = pd.Timestamp("2025-01-01") + pd.to_timedelta(days, "D")
    return pd.DataFrame({"sent": sent.strftime("%Y-%m-%d"), "message": texts, "label": labels})


def _message(label: str, later: bool, draws: np.random.Generator) -> str:
    grammar = {**GRAMMAR, **LATER} if later and label == "spam" else GRAMMAR
    text = sentence(grammar, label, draws)
    if label == "acceptable":
        return typed_in_haste(text, 0.12, draws)
    hidden = set(LURES if label == "spam" else INSULTS)
    words = [
        disguised(w, draws) if w.strip("!,").lower() in hidden and draws.random() < 0.5 else w
        for w in text.split()
    ]
    return typed_in_haste(" ".join(words), 0.04 if label == "spam" else 0.12, draws)


def _in_public(text: str, draws: np.random.Generator) -> str:
    """Return a text as it stands in a public post."""
    if draws.random() < 0.25:
        text = f"@{draws.choice(['maya_k', 'bigtom', 'news24', 'lena.b', 'anna77'])} {text}"
    if draws.random() < 0.25:
        text = f"{text} #{draws.choice(['monday', 'mood', 'fail', 'love', 'nofilter'])}"
    return text
