from django.urls import path

from reorder.web.calendar import deciding, signals, views

app_name = "calendar"
urlpatterns = [
    path("", views.index, name="index"),
    path("save/", deciding.save, name="save"),
    path("withdraw/", deciding.withdraw, name="withdraw"),
    path("restore/", deciding.restore, name="restore"),
    path("import/", deciding.take_file, name="import"),
    path("signals/", signals.index, name="signals"),
    path("signals/tell/", signals.tell, name="tell"),
]
