"""Every noun at once. Importing it defines every table: db.engine does, before the first query."""

from leads.alarm import Alarm
from leads.audit import Audit
from leads.bulk import BulkChange
from leads.call import Call, CallLeg
from leads.consent import Consent
from leads.digest import DigestSent
from leads.errand import Errand
from leads.follow_up import FollowUp
from leads.heartbeat import Heartbeat
from leads.importing import ImportBatch, ImportRow
from leads.installation import Installation
from leads.lead import Lead
from leads.list_indexes import LETTERS_OF, LISTED_BY
from leads.message import Message
from leads.outage import Outage
from leads.outbound_call import OutboundCall
from leads.phone import LeadPhone, Phone
from leads.picture import Picture, PictureData
from leads.plan import PlanVersion
from leads.practice import Practice, PracticePhone
from leads.reconciliation import Reconciliation
from leads.recording import Recording, RecordingAudio
from leads.reminder import Reminder
from leads.saved_reply import SavedReply
from leads.saved_view import SavedView
from leads.staff import APIToken, SignInFailure, SignInLink, Staff, StaffSession
from leads.timeline import TimelineEntry
from leads.tracking_number import TrackingNumber
from leads.webhook_event import WebhookEvent

__all__ = [
    "LETTERS_OF",
    "LISTED_BY",
    "APIToken",
    "Alarm",
    "Audit",
    "BulkChange",
    "Call",
    "CallLeg",
    "Consent",
    "DigestSent",
    "Errand",
    "FollowUp",
    "Heartbeat",
    "ImportBatch",
    "ImportRow",
    "Installation",
    "Lead",
    "LeadPhone",
    "Message",
    "Outage",
    "OutboundCall",
    "Phone",
    "Picture",
    "PictureData",
    "PlanVersion",
    "Practice",
    "PracticePhone",
    "Reconciliation",
    "Recording",
    "RecordingAudio",
    "Reminder",
    "SavedReply",
    "SavedView",
    "SignInFailure",
    "SignInLink",
    "Staff",
    "StaffSession",
    "TimelineEntry",
    "TrackingNumber",
    "WebhookEvent",
]
