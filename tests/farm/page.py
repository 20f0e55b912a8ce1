#!/usr/bin/env python3
"""Opens a report.html in Chromium, light and dark, and counts what the browser asks the network for.

    page.py REPORT.html FOLDER [--chromium PROGRAM]

All that the browser asks for over the network goes to a proxy here, which only counts. What Chromium asks its
maker for on its own account (updates, the time, hints; from an empty page too) is told and not counted, as the report does not name these hosts; a page that asks for a picture shows that it does count; the report with that picture
added shows that the report's own policy keeps it from being asked for. Screenshots go into FOLDER. Ends with 1 where the
report makes the browser ask for anything more.
"""
import argparse
import http.server
import os
import subprocess
import sys
import tempfile
import threading

PICTURE = '<img src="http://elsewhere.example/counted.png">'
OWN = ".google.com", ".googleapis.com", ".gvt1.com"
WIDTH, HEIGHT = 1100, 2600
NARROW = 420


class Proxy(http.server.ThreadingHTTPServer):
    """Says no to everything, and keeps what it was asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Refusal)
        self.asked = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Refusal(http.server.BaseHTTPRequestHandler):
    def refuse(self):
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_error(404)

    do_GET = do_POST = do_HEAD = do_CONNECT = refuse

    def log_message(self, *_):
        pass


def show(chromium, page, picture, dark, width=WIDTH):
    """What the browser asks for while it draws a page into a picture."""
    proxy = Proxy()
    with tempfile.TemporaryDirectory() as home:
        words = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
                 "--disable-domain-reliability", "--disable-client-side-phishing-detection",
                 f"--user-data-dir={home}", f"--proxy-server=http://127.0.0.1:{proxy.server_port}", "--proxy-bypass-list=<-loopback>",
                 f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                 f"--window-size={width},{HEIGHT}", "--virtual-time-budget=5000", f"--screenshot={picture}", "file://" + os.path.abspath(page)]
        subprocess.run(words, check=True, timeout=300, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    proxy.shutdown()
    return proxy.asked


def host(request):
    """Whom a request is for."""
    return request.split(" ")[1].removeprefix("http://").split("/")[0].split(":")[0]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("report")
    p.add_argument("folder")
    p.add_argument("--chromium", default="chromium")
    a = p.parse_args()
    os.makedirs(a.folder, exist_ok=True)
    at = lambda name: os.path.join(a.folder, name)
    with open(a.report) as f:
        report = f.read()
    with open(at("control.html"), "w") as f:
        f.write(f"<!DOCTYPE html><title>asks</title><body>{PICTURE}")
    with open(at("added.html"), "w") as f:
        f.write(report.replace("</body>", PICTURE + "</body>"))
    with open(at("empty.html"), "w") as f:
        f.write("<!DOCTYPE html><title>asks nothing</title><body>")
    wrong = [name for name in OWN if name in report]
    for name, page, dark, width in (("empty", at("empty.html"), False, WIDTH), ("control", at("control.html"), False, WIDTH), ("added", at("added.html"), False, WIDTH),
                                    ("light", a.report, False, WIDTH), ("dark", a.report, True, WIDTH), ("narrow", a.report, False, NARROW)):
        asked = show(a.chromium, page, at(name + ".png"), dark, width)
        hosts = {host(line) for line in asked}
        own = {name for name in hosts if name.endswith(OWN)}
        more = hosts - own
        print(f"{name}: asked {sorted(more) or 'nobody'}; the browser itself: {sorted(own)}", flush=True)
        if more != ({"elsewhere.example"} if name == "control" else set()):
            wrong.append(name)
    print("wrong: " + ", ".join(wrong) if wrong else "the report asks for nothing")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
