"""The notes' image crawler, written anew to behave as theirs does, faults included.

usage: crawler.py URL DIR [--user-agent TEXT] [--referer TEXT] [--timeout S] [--rest S]

Theirs takes its address, headers, time of rest and directory from the program's text; here they are
arguments. `--threads` and `--max-pages` are read and ignored: theirs knows neither.

Theirs uses the package requests, which is not part of Python; here it is urllib, told to behave as
requests 2.28 does where they differ: an error status is an answer like any other, a body that ends
early is taken as it is, only http and https are fetched, and no request has a time limit, because
requests passes "none" to its sockets whatever socket.setdefaulttimeout says. Its random pause of
up to a second after each answer is a twentieth of that here; no requirement depends on it.
"""

import argparse
import http.client
import os
import random
import re
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from multiprocessing import Process, Queue
from threading import Thread

NULL_LIMIT = 3
items = Queue()


def get(url, headers):
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("No connection adapters were found for %r" % url)
    try:
        response = urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=None)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        try:
            body = response.read()
        except http.client.IncompleteRead as error:
            body = error.partial
        # As requests: a text without a charset is Latin-1.
        return body, response.headers.get_content_charset("iso-8859-1")


def pause():
    time.sleep(random.random() / 20)


class Crawler:
    def __init__(self, url, headers, rest):
        self.page_url = url
        self.headers = headers
        self.null_times = 0
        self.is_resting = False
        self.rest = rest

    def start(self, directory):
        Process(target=self.find_images, args=(items,)).start()
        Process(target=self.download_images, args=(directory, items)).start()

    def find_images(self, queue):
        while True:
            links = re.findall(r"data-original='(.*?)'", self.next_page())
            if not links:
                queue.put(None)
                break
            queue.put(links)

    def next_page(self):
        if not self.page_url:
            return ""
        print("page", self.page_url, flush=True)
        body, charset = get(self.page_url, self.headers)
        pause()
        text = body.decode(charset, "replace")
        found = re.search(
            r'<a class="next page-numbers" href="(.*?)">下一页&raquo;</a>', text)
        self.page_url = found.group(1) if found else None
        return text

    def download_images(self, directory, queue):
        while True:
            links = queue.get()
            if not links:
                break
            if self.is_resting:
                print("[WARNING]: resting for", self.rest, "seconds", flush=True)
                time.sleep(self.rest)
                if self.null_times > NULL_LIMIT * 3:
                    print("[ERROR]: the program ends", flush=True)
                    os.kill(os.getppid(), 9)
                    os.kill(os.getpid(), 9)
            for link in links:
                Thread(target=self.download, args=(link, directory)).start()

    def download(self, url, directory):
        body, _ = get(url, self.headers)
        pause()
        name = url.split("/")[-1]
        if body:
            with open(os.path.join(directory, name), "wb") as file:
                file.write(body)
            print(name, "is there", flush=True)
            self.is_resting = False
            self.null_times = 0
            return
        # Shared by threads without a lock, as theirs.
        if self.null_times >= NULL_LIMIT:
            self.is_resting = True
        self.null_times += 1
        print("[INFO]:", name, "failed:", url, flush=True)


def main():
    parser = argparse.ArgumentParser(description="The notes' image crawler.")
    parser.add_argument("URL")
    parser.add_argument("DIR")
    parser.add_argument("--user-agent", default="Mozilla/5.0")
    parser.add_argument("--referer")
    parser.add_argument("--timeout", type=float, default=20)
    parser.add_argument("--rest", type=float, default=30)
    parser.add_argument("--threads", help="ignored")
    parser.add_argument("--max-pages", help="ignored")
    chosen = parser.parse_args()
    socket.setdefaulttimeout(chosen.timeout)
    headers = {"User-Agent": chosen.user_agent, "Referer": chosen.referer or chosen.URL}
    Crawler(chosen.URL, headers, chosen.rest).start(chosen.DIR)


if __name__ == "__main__":
    main()
