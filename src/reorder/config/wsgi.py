"""What the web server loads: Django's application, warmed so that the first visitor does not wait."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
application = get_wsgi_application()
