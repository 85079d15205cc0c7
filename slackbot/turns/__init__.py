"""Turns: decides who is answered when, and takes each turn to its end.

A ThreadSession per thread folds the inbox, chooses turns, runs the agent and commits the result.
"""

from slackbot.turns.agent import Agent
from slackbot.turns.approvals import Approvals
from slackbot.turns.bot import Bot
from slackbot.turns.fair_semaphore import FairSemaphore
from slackbot.turns.session_services import SessionServices
from slackbot.turns.store import Archive, Inbox, Store
from slackbot.turns.thread_session import ThreadSession
from slackbot.turns.thread_sessions import ThreadSessions
from slackbot.turns.transcript import ThreadHistory, Transcript
from slackbot.turns.turn_runner import TurnRunner

__all__ = [
    "Agent",
    "Approvals",
    "Archive",
    "Bot",
    "FairSemaphore",
    "Inbox",
    "SessionServices",
    "Store",
    "ThreadHistory",
    "ThreadSession",
    "ThreadSessions",
    "Transcript",
    "TurnRunner",
]
