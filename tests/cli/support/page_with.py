"""usage: page_with.py PAGE OUT SCRIPT...   a copy of PAGE with scripts added, the first in front of everything; its policy lets them in."""

import base64
import hashlib
import sys

page = open(sys.argv[1], encoding="utf-8").read()
scripts = [open(name, encoding="utf-8").read() for name in sys.argv[3:]]
if "script-src 'sha256-" not in page:
    sys.exit("the page has no policy for scripts")
for script in scripts:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = page.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
page = page.replace("<title>", f"<script>{scripts[0]}</script><title>", 1)
for script in scripts[1:]:
    page = page.replace("</body>", f"<script>{script}</script></body>", 1)
open(sys.argv[2], "w", encoding="utf-8").write(page)
