"""Reads a podcast feed from standard input as podcast apps do, strictly as XML first, and prints what it found as JSON."""

import json
import sys
import xml.etree.ElementTree as ElementTree

import feedparser

text = sys.stdin.buffer.read()
# Any fault in the XML is an error here; feedparser would make do with it.
root = ElementTree.fromstring(text)
PODCAST = "{https://podcastindex.org/namespace/1.0}"

feed = feedparser.parse(text)
items = root.findall("channel/item")
print(
    json.dumps(
        {
            "bozo": bool(feed.bozo),
            "version": feed.version,
            "title": feed.feed.get("title"),
            "subtitle": feed.feed.get("subtitle"),
            "language": feed.feed.get("language"),
            "author": feed.feed.get("author"),
            "image": feed.feed.get("image", {}).get("href"),
            "block": feed.feed.get("itunes_block"),
            "type": feed.feed.get("itunes_type"),
            "self": [link.href for link in feed.feed.links if link.rel == "self"],
            "medium": root.findtext(f"channel/{PODCAST}medium"),
            "entries": [
                {
                    "title": entry.title,
                    "guid": entry.id,
                    "guidIsLink": entry.guidislink,
                    "notes": entry.get("summary"),
                    "published": list(entry.published_parsed[:6]),
                    "duration": entry.get("itunes_duration"),
                    "season": entry.get("itunes_season"),
                    "episode": entry.get("itunes_episode"),
                    "enclosures": [[e.href, e.type, int(e.length)] for e in entry.enclosures],
                    "transcripts": [dict(t.attrib) for t in item.findall(f"{PODCAST}transcript")],
                    "chapters": [dict(c.attrib) for c in item.findall(f"{PODCAST}chapters")],
                }
                for entry, item in zip(feed.entries, items, strict=True)
            ],
        }
    )
)
