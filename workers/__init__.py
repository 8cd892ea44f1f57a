"""We call them: what is due goes out, and only from here."""

from workers.celery import app

celery = app  # `celery -A workers` looks for this name
