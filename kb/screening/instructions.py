"""Text that speaks to an agent which reads the entry, and not to a person (pure).

Entries are given to agents as they are written (MCP, `.md`), so whoever writes one could try to
steer them. These are the known ways of saying so (OWASP LLM01, prompt injection): words that can
be put otherwise, so a reader stays needed; what they hold is looked at by one.
"""

import re
import unicodedata
from collections.abc import Iterator

from kb.screening.findings import Finding, Kind, shown

_AGENT = (
    r"(?:assistants?|agents?|chat-?bots?|bots?|llms?|(?:language |ai )models?|ais?|claude|chatgpt|"
    r"gpt|copilot|gemini)"
)
_EARLIER = (
    r"(?:previous|prior|above|earlier|preceding|existing|original|foregoing|other|system)"
    r"(?: \w+){0,2}"
)
_ORDERS = r"(?:instructions?|prompts?|rules|directions|directives|guidelines|orders|constraints)"
_PRIVATE = (
    r"(?:api[ _-]?keys?|credentials?|secrets?|passwords?|access tokens?|environment variables|"
    r"env vars|\.env\b|ssh keys?|private keys?|id_rsa|cookies|system prompt|conversation|"
    r"chat history)"
)
_TELL = r"(?:tell|inform|mention|alert|notify)(?:ing)?"

_FORGETS = "tells an agent to forget its instructions"
_BECOMES = "gives an agent another role"
_ORDERED = "gives an agent orders"
_SENDS = "asks for data to be sent away"
_TALKS = "has the markup of a conversation with an agent"

# Matched against lower-case text whose spaces are single. Every repetition is bounded.
_SAYINGS = (
    (
        _FORGETS,
        (
            r"\b(?:ignore|disregard|forget|override|bypass|do not follow|don't follow)\b"
            r"(?: (?:all|any|every|of|the|your|my|these|those|and)){0,4} "
            rf"{_EARLIER} {_ORDERS}\b"
        ),
    ),
    (
        _FORGETS,
        r"\b(?:ignore|disregard|forget)(?: (?:all|of|any)){0,3} your (?:\w+ ){0,2}" + _ORDERS,
    ),
    (
        _FORGETS,
        (
            r"\b(?:ignore|disregard|forget) (?:everything|anything|all)(?: that)?(?: \w+){0,2} "
            r"(?:above|before|previously|so far)\b"
        ),
    ),
    (
        _BECOMES,
        (
            r"\byou are (?:now|no longer) (?:an? |the |in )?(?:dan\b|jailbroken|unrestricted|"
            r"unfiltered|developer mode|god mode|root\b|evil|different|another|bound by|restricted|"
            r"ai\b|assistant)"
        ),
    ),
    (
        _BECOMES,
        (
            r"\b(?:act|behave|pretend|respond) as (?:if you (?:are|were) )?(?:an? |the )?"
            r"(?:unrestricted|unfiltered|jailbroken|dan\b|evil)"
        ),
    ),
    (_BECOMES, r"\b(?:enter|enable|activate) (?:developer|god|jailbreak|dan) mode\b"),
    (
        _ORDERED,
        (
            r"\b(?:important|attention|note|notice|message|instructions?) (?:to|for) "
            rf"(?:all |any |the )?(?:ai )?{_AGENT}\b ?[:!,.-]"
        ),
    ),
    (_ORDERED, rf"\b(?:if|when) you(?:'re| are) an? (?:ai |llm |coding |language )?{_AGENT}\b"),
    (
        _ORDERED,
        (
            rf"\b(?:ai|llm|coding|autonomous) {_AGENT} "
            r"(?:reading|processing|parsing|that reads?|who reads?|must|should always)\b"
        ),
    ),
    (_ORDERED, r"\bas an ai(?: \w+)?, (?:you|your)\b"),
    (_ORDERED, r"\b(?:new|updated|real|actual) (?:system )?(?:instructions?|prompt) ?:"),
    (
        _ORDERED,
        (
            rf"\b(?:do not|don't|never|without) {_TELL}(?: (?:this|it|anything))?"
            r"(?: (?:to|the|your)){0,3} (?:users?|humans?|developers?|operators?)\b"
        ),
    ),
    (
        _ORDERED,
        (
            r"\b(?:reveal|print|repeat|output|show|leak|send)(?: me)? (?:your|the) "
            r"(?:full |entire |hidden )?system prompt\b"
        ),
    ),
    (
        _SENDS,
        (
            r"\b(?:send|post|upload|exfiltrate|leak|forward|transmit|submit|append|email|curl)\b"
            rf".{{0,60}}?\b{_PRIVATE}.{{0,60}}?\b(?:to|into|in|at)\b.{{0,30}}?https?://"
        ),
    ),
    (_SENDS, rf"https?://[^\s)\]]{{1,200}}[?&/=](?:[{{$<\[]|%7b){{1,2}}[\w .-]{{0,20}}{_PRIVATE}"),
    (_SENDS, r"!\[[^\]]{0,100}\]\(https?://[^\s)]{1,200}[?&][\w-]{1,30}=(?:[{<$\[]|%7b)"),
    (
        _TALKS,
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|>",
    ),
    (_TALKS, r"<</?sys>>|\[/?inst\]"),
    (
        _TALKS,
        (
            r"</?(?:antml:)?(?:function_calls?|function_results?|tool_calls?|tool_use|tool_result|"
            r"system-reminder|system_prompt|system)>"
        ),
    ),
    (_TALKS, r"<(?:antml:)?invoke name="),
    (_TALKS, r"^ ?(?:human|assistant|system) ?: ?(?:you|ignore|disregard|please|sure)\b"),
    (_TALKS, r"^ ?#{1,4} ?(?:system|instruction)s?(?: prompt)? ?:"),
)
_PATTERNS = [(what, re.compile(pattern, re.MULTILINE)) for what, pattern in _SAYINGS]

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_INLINE = re.compile(r"`[^`\n]{1,1000}`")
_COMMENT = re.compile(
    r"<!--((?:(?!-->).){0,500})|^ {0,3}\[(?://|comment)\]: ?(?:#|<>)([^\n]{0,500})",
    re.DOTALL | re.MULTILINE,
)
# Where there are elements too, somebody has pasted code, whose comments anybody can see.
_ELEMENT = re.compile(r"</\w|/>")
# Tags (U+E0000 to U+E007F) spell ASCII that nobody sees; flags of regions are made of them.
_TAGS = re.compile("\U0001f3f4[\U000e0000-\U000e007f]+|([\U000e0000-\U000e007f]{2,})")
MIN_COMMENT = 3
"""Words of a hidden comment from which on it says something."""


def instructions_in(field: str, text: str) -> Iterator[Finding]:
    """Yield what looks like instructions to an agent in the text of a field."""
    # Without line breaks, the two readings are one.
    for reading in dict.fromkeys(_readings(text)):
        for what, pattern in _PATTERNS:
            yield from (_finding(field, what, found[0]) for found in pattern.finditer(reading))
    prose = _without_code(text)
    for found in () if _ELEMENT.search(prose) else _COMMENT.finditer(prose):
        words = (found[1] or found[2] or "").split()
        if len(words) >= MIN_COMMENT:
            yield _finding(field, "has a comment that only programs read", " ".join(words))
    for tags in filter(None, _TAGS.findall(text)):
        letters = "".join(chr(ord(one) - 0xE0000) for one in tags)
        yield _finding(field, "has invisible letters", letters)


def _finding(field: str, what: str, match: str) -> Finding:
    message = f"{what} (“{shown(match)}”); say it to people, or not at all"
    return Finding(Kind.INSTRUCTIONS, field, message, match)


def _readings(text: str) -> tuple[str, str]:
    """Return the text as a model may well read it: line by line, and paragraph by paragraph.

    That is in lower case, single spaces between words, without what hides in it.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        text = "".join(one for one in text if unicodedata.category(one) != "Cf")
    lines = re.sub(r"[^\S\n]+", " ", text.lower())
    return lines, re.sub(r"(?<!\n)\n(?!\n)", " ", lines)


def _without_code(text: str) -> str:
    """Return the lines of Markdown outside of fenced code, and them without inline code."""
    lines, fence = [], ""
    for line in text.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            fence = "" if opening and line.strip().startswith(fence) else fence
        elif opening:
            fence = opening[1]
        else:
            lines.append(_INLINE.sub("", line))
    return "\n".join(lines)
