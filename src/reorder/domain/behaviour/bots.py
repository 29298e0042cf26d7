"""Programs that say by their name that they are none: search engines, watchers, link checkers, headless browsers."""

import re
from functools import lru_cache

# Tools that the list of crawlers leaves out, because not all of what they do is crawling.
_TOOLS = re.compile(r"HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium|Lighthouse|jsdom", re.IGNORECASE)
_LONGEST = 500


@lru_cache(maxsize=8192)
def is_crawler(user_agent: str) -> bool:
    """Whether this user agent is a program's; a browser without a name is not called one."""
    from crawleruseragents import is_crawler as is_listed

    named = user_agent[:_LONGEST]
    return bool(named) and (bool(_TOOLS.search(named)) or is_listed(named))
