"""Scrapy with its usual tuning for speed: no delays, cookies, retries, console or log; its own selectors.

usage: spider.py KIND SEEDS OUT AT_ONCE CPU_MS
"""
import json
import sys

import scrapy
from scrapy.crawler import CrawlerProcess

import extract

KIND, SEEDS, OUT, AT_ONCE, CPU_MS = sys.argv[1:]


class Spider(scrapy.Spider):
    name = "bench"

    def start_requests(self):
        for url in open(SEEDS, encoding="utf-8").read().split():
            yield scrapy.Request(url, callback=getattr(self, KIND), dont_filter=True)

    def waiting(self, response):
        yield {"title": response.css("title::text").get()}

    def places(self, response):
        yield from extract.places(response.body, response.url)[0]

    def reviews(self, response):
        business = extract.squeezed(response.css("h1.biz-page-title::text").get())
        for row in response.css("ul.ylist > li > div.review[data-review-id]"):
            yield {"review_id": row.attrib["data-review-id"], "business": business,
                   "author": extract.squeezed(row.css(".user-display-name::text").get()),
                   "location": extract.squeezed(row.css(".user-location > b::text").get()),
                   "rating": float(row.css("div.i-stars::attr(title)").re_first(extract.NUMBER)),
                   "date": extract.as_date(extract.squeezed(row.css("span.rating-qualifier::text").get())),
                   "text": extract.squeezed(" ".join(row.css("p[lang] ::text").getall()))}
        extract.burn(int(CPU_MS))
        yield from response.follow_all(css="a.next.pagination-links_anchor", callback=self.reviews)


process = CrawlerProcess({
    "CONCURRENT_REQUESTS": int(AT_ONCE), "CONCURRENT_REQUESTS_PER_DOMAIN": int(AT_ONCE), "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False, "ROBOTSTXT_OBEY": False, "COOKIES_ENABLED": False, "RETRY_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False, "MEMUSAGE_ENABLED": False, "LOG_LEVEL": "ERROR",
    "REQUEST_FINGERPRINTER_IMPLEMENTATION": "2.7", "FEEDS": {OUT: {"format": "jsonlines", "encoding": "utf8"}}})
process.crawl(Spider)
process.start()
