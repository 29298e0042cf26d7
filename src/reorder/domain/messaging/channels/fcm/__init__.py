"""Notifications in apps by Google's FCM."""
