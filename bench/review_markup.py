"""HTML of the review site: a restaurant's page in the markup Yelp used from 2016 to 2018.

`render(page)` gives the whole document. Around the reviews stands what makes real pages hard:
a write-a-review box with the classes of a review but no id, teasers, a comment, a text area and
script strings that hold fake reviews, entities in three styles, white space in odd places.
"""
import dataclasses
import html
import html.entities
import json
import random

import review_words as words

RICH_PAGE_BYTES = 45_000  # from this size on, reviews carry votes, icons and statistics too
MIN_FURNITURE_BYTES = 2_000  # photo grid and state JSON, however small a page is wished for
FAKE_REVIEW = "<div class='review review--with-sidebar' data-review-id='fake'><p lang='en'>not a review</p></div>"
ICON = ('<svg class="icon" height="18" viewBox="0 0 18 18" width="18">'
        '<path d="M9 1.5l2.2 4.7 5.1.6-3.8 3.5 1 5.1L9 12.9l-4.5 2.5 1-5.1L1.7 6.8l5.1-.6z"></path></svg>')


@dataclasses.dataclass(frozen=True)
class Page:
    """What one page shows. `paths` are the paths of all pages of the business, `number` counts from 0."""
    business: str
    paths: list
    number: int
    reviews: list
    page_bytes: int
    rng: random.Random
    total: int = 0  # reviews of the business; 0: as many as its pages can have

    @property
    def review_count(self):
        return self.total or 20 * len(self.paths)


def encode(text, style):
    """Escape `text` for HTML; style 0 leaves non-ASCII as it is, 1 prefers names, 2 uses numbers."""
    escaped = html.escape(text)
    if style == 0 or escaped.isascii():
        return escaped
    return "".join(c if ord(c) < 128 else _entity(ord(c), style) for c in escaped)


def _entity(code, style):
    name = html.entities.codepoint2name.get(code) if style == 1 else None
    return "&%s;" % name if name else "&#x%X;" % code if style == 1 else "&#%d;" % code


def render(page):
    """The document as text, about `page.page_bytes` long as UTF-8, or longer if the reviews alone are."""
    parts = [_head(page), _top(page), _feed(page), _pager(page), _sidebar(page)]
    room = max(MIN_FURNITURE_BYTES, page.page_bytes - sum(len(part.encode()) for part in parts))
    grid = _photo_grid(page.rng, room // 2)
    state = _state(page.rng, room - len(grid.encode()))
    return "".join([*parts, grid, _foot(state)])


def _script_json(value):
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def _head(page):
    rng, name = page.rng, html.escape(page.business)
    data = {"@context": "http://schema.org/", "@type": "Restaurant", "name": page.business,
            "aggregateRating": {"@type": "AggregateRating", "reviewCount": page.review_count, "ratingValue": 3.5},
            "address": {"@type": "PostalAddress", "addressLocality": rng.choice(words.TOWNS)},
            "review": [{"author": review.author, "datePublished": review.date.isoformat(),
                        "reviewRating": {"ratingValue": int(review.rating)}} for review in page.reviews[:2]]}
    return f"""<!DOCTYPE HTML>
<!--[if lt IE 9]>     <html class="ie8 no-js" lang="en"> <![endif]-->
<html xmlns:fb="http://www.facebook.com/2008/fbml" class="no-js" lang="en">
<head>
<meta charset="utf-8"><title>{name} - {page.review_count} Reviews - Restaurants</title>
<link rel="canonical" href="{page.paths[0]}"><link rel=stylesheet href=/assets/core.css>
<style>.review > p {{ margin: 0 }} .next::after {{ content: "</div>" }}</style>
<script>
  var fake = "{FAKE_REVIEW.replace("</", "<" + chr(92) + "/")}";
  if (1 < 2 && window.top !== window) {{ document.write("<div class='review'>" + fake + "<\\/div>"); }}
</script>
<script type="application/ld+json">{_script_json(data)}</script>
</head>
"""


def _top(page):
    nav = "".join(f'<li class="nav_item"><a class="nav_link" href="/c/{i}">{kind}</a></li>'
                  for i, kind in enumerate(html.escape(kind) for kind in words.KINDS[:8]))
    return f"""<body id="yelp_main_body" class="jquery country-us logged-out">
<!-- {FAKE_REVIEW} -->
<noscript><img src="/pixel.gif" alt=""></noscript>
<div class="main-header"><form action="/search" method=get><input name=find_desc value="tacos &amp; more"></form>
<ul class="nav_list">{nav}</ul></div>
<div class="biz-page-header clearfix"><h1 class="biz-page-title embossed-text-white shortenough">
        {encode(page.business, page.number % 3)}
    </h1>
<div class="i-stars i-stars--large-3-half rating-very-large" title="3.5 star rating"></div>
<span class="review-count rating-qualifier">
        {page.review_count} reviews
</span></div>
"""


def _feed(page):
    rich = page.page_bytes >= RICH_PAGE_BYTES
    rows = "".join(_review(page.rng, review, row, rich) for row, review in enumerate(page.reviews))
    return f"""<div class="feed"><ul class="ylist ylist-bordered reviews">
<li><div class="review review--with-sidebar war-widget"><form action="/writeareview"><div class="i-stars" title="Roll over stars, then click to rate."></div>
<textarea name="comment" rows="3">{FAKE_REVIEW}</textarea></form></div></li>
{rows}</ul></div>
"""


def _review(rng, review, row, rich):
    author, user, date = encode(review.author, row % 3), "%016x" % rng.getrandbits(64), review.date
    stats = _passport_stats(rng) if rich else ""
    footer = _votes(rng) if rich else ""
    reply = _owner_reply(rng) if rng.random() < 0.1 else ""
    return f"""<li><div class="review review--with-sidebar" data-review-id="{review.review_id}">
<div class="review-sidebar"><a href="/user_details?userid={user}&amp;src=biz"><img alt="{author}" src="/photo/{user}/60s.jpg" width=60></a>
<ul class="user-passport-info"><li class="user-name"><a class="user-display-name js-analytics-click" href="/user_details?userid={user}" data-hovercard-id="{user[:8]}">{author}</a></li>
<li class="user-location responsive-hidden-small"><b>{encode(review.location, row % 3)}</b></li></ul>{stats}</div>
<div class="review-content"><div class="i-stars i-stars--regular-{review.rating:.0f} rating-large" title="{review.rating:.1f} star rating"><img class="offscreen" alt="{review.rating:.1f} star rating" src="/assets/stars.png"></div>
<span class="rating-qualifier">
        {date.month}/{date.day}/{date.year}
    </span>
<p lang="en">{_paragraphs(review, row)}</p>{footer}{reply}</div>
</div></li>
"""


def _paragraphs(review, row):
    breaks = (" <br><br>\n", "\n<br/> <br />", " <br>\n    ")[row // 3 % 3]
    text = breaks.join(encode(paragraph, row % 3) for paragraph in review.paragraphs)
    return "\n        " + text + "\n    " if row % 4 == 3 else text


def _passport_stats(rng):
    return (f'<ul class="user-passport-stats"><li class="friend-count">{ICON}<b>{rng.randint(0, 900)}</b> friends</li>'
            f'<li class="review-count">{ICON}<b>{rng.randint(1, 700)}</b> reviews</li></ul>')


def _votes(rng):
    items = "".join(f'<li class="vote-item inline-block"><a class="ybtn ybtn--small {kind.lower()}" href="#" rel="nofollow">'
                    f'<span class="vote-type">{kind}</span>&nbsp;<span class="count">{rng.choice(["", "1", "4"])}</span></a></li>'
                    for kind in ("Useful", "Funny", "Cool"))
    return f'<div class="review-footer"><ul class="voting-buttons">{items}</ul></div>'


def _owner_reply(rng):
    return (f'<div class="biz-owner-reply"><span class="bullet-after">{rng.randint(1, 12)}/{rng.randint(1, 28)}/2018</span> '
            f'<span>Thank you &mdash; {html.escape(rng.choice(words.PEOPLE))}</span></div>')


def _pager(page):
    links = "".join(f'<a class="available-number pagination-links_anchor" href="{path}">{i + 1}</a> '
                    for i, path in enumerate(page.paths) if i != page.number)
    previous = following = ""
    if page.number > 0:
        previous = f'<a class="prev pagination-links_anchor" href="{page.paths[page.number - 1]}">Previous</a>'
    if page.number + 1 < len(page.paths):
        following = (f'<a class="u-decoration-none next pagination-links_anchor" '
                     f'href="{page.paths[page.number + 1]}"><span>Next</span></a>')
    return (f'<div class="review-pager"><div class="page-of-pages">Page {page.number + 1} of {len(page.paths)}</div>'
            f'{previous}{links}{following}</div>\n')


def _sidebar(page):
    """Places nearby, each with a teaser that looks like a review and is none."""
    teasers = "".join(_teaser(page.rng) for _ in range(3))
    return f'<div class="column column-beta"><h3>People also viewed</h3>{teasers}</div>\n'


def _teaser(rng):
    return f"""<div class="review review--teaser"><a class="biz-name" href="/search?near={rng.randint(1, 999)}">{html.escape(words.business_name(rng))}</a>
<div class="i-stars i-stars--small-4" title="4.0 star rating"></div><a class="user-display-name">{html.escape(words.author_name(rng))}</a>
<p lang="en">&ldquo;{html.escape(words.sentence(rng, rng.choice(words.GOOD_LINES)))}&rdquo;</p></div>"""


def _photo_grid(rng, room_bytes):
    cards, used = [], 0
    while used < room_bytes:
        photo = "%012x" % rng.getrandbits(48)
        card = (f'<li class="photo-grid_item"><div class="photo-box"><a href="/photos?select={photo}"><img class="photo-box-img" '
                f'alt="{rng.choice(words.DISHES)}" src="/bphoto/{photo}/258s.jpg" width="258" height="258"></a>'
                f'<div class="photo-box-overlay_caption">{ICON}<span>{rng.choice(words.DISHES)}</span></div></div></li>\n')
        cards.append(card)
        used += len(card)
    return '<ul class="photo-grid">%s</ul>\n' % "".join(cards)


def _state(rng, room_bytes):
    """State as pages ship it inline: JSON whose strings hold markup."""
    items, used = [], 0
    while used < room_bytes:
        item = _script_json({"id": "%022x" % rng.getrandbits(88), "module": rng.choice(words.PLACES).lower(),
                             "title": rng.choice(words.DISHES), "enabled": rng.random() < 0.5,
                             "html": "<div class=\"review\">%s</div>" % rng.choice(words.PRAISE)})
        items.append(item)
        used += len(item) + 2
    return ",\n".join(items)


def _foot(state):
    return f"""<div class="main-footer"><p>All invented &copy; nobody &#38; no one</p></div>
<script>window.__state__ = [{state}];</script>
</body></html>
"""
