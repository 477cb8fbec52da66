"""The one channel to the stack: events as JSON lines on standard output, its questions on standard input.

Standard input is also the lifeline: when it closes, the stack is gone, and nothing of the emulator may outlive it.
"""

import json
import os
import queue
import signal
import sys
import threading
import time

_outbox = queue.SimpleQueue()
# What the stack may ask for: a word, and what answers it with an event.
_questions = {}


def report(event, **details):
    """Something that happened now."""
    _outbox.put({"event": event, "at": time.time(), **details})


def answers(question, answer):
    _questions[question] = answer


def open_channel():
    """Takes standard output for events; what others print there goes to the log instead."""
    channel = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    threading.Thread(target=_send, args=(channel,), daemon=True, name="events").start()
    threading.Thread(target=_answer, daemon=True, name="questions").start()


def _send(channel):
    while True:
        print(json.dumps(_outbox.get()), file=channel)


def _answer():
    for line in sys.stdin:
        answer = _questions.get(line.strip())
        if answer:
            answer()
    # The functions' processes are in the same group; the stack that would have ended them is gone.
    os.killpg(os.getpgrp(), signal.SIGKILL)
