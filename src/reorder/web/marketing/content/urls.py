"""Addresses of the part Content."""

from django.urls import path

from reorder.web.marketing.content import editor, library, looks, templates

app_name = "content"
urlpatterns = [
    path("", templates.index, name="index"),
    path("new", templates.add, name="new"),
    path("create", templates.create, name="create"),
    path("ready-made", templates.lay_ready_made, name="lay_ready_made"),
    path("library/", library.index, name="library"),
    path("library/new", library.add, name="new_article"),
    path("library/put", library.put, name="put_article"),
    path("library/<slug:article_code>/<slug:language>/", library.show, name="article"),
    path("library/<slug:article_code>/<slug:language>/remove", library.remove, name="remove_article"),
    path("look/", looks.index, name="look"),
    path("look/change", looks.change, name="change_look"),
    path("look/products", looks.take_products, name="take_products"),
    path("look/cart", looks.change_cart, name="change_cart"),
    path("look/cart/products", looks.take_variants, name="take_variants"),
    path("t/<slug:template_code>/", templates.show, name="template"),
    path("t/<slug:template_code>/change", templates.change, name="change"),
    path("t/<slug:template_code>/archive", templates.archive, name="archive"),
    path("t/<slug:template_code>/begin", templates.begin, name="begin"),
    path("t/<slug:template_code>/<int:version_number>/", editor.show, name="version"),
    path("t/<slug:template_code>/<int:version_number>/save", editor.save, name="save"),
    path("t/<slug:template_code>/<int:version_number>/preview", editor.preview, name="preview"),
    path("t/<slug:template_code>/<int:version_number>/trial", editor.trial, name="trial"),
    path("t/<slug:template_code>/<int:version_number>/check", editor.check, name="check"),
    path("t/<slug:template_code>/<int:version_number>/submit", editor.submit, name="submit"),
    path("t/<slug:template_code>/<int:version_number>/let-go", editor.let_go, name="let_go"),
    path("t/<slug:template_code>/<int:version_number>/weigh", templates.weigh, name="weigh"),
    path("t/<slug:template_code>/<int:version_number>/retire", templates.retire, name="retire"),
]
