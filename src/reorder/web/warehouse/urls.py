"""Addresses of the desk Warehouse: the floor of a place, its bins, and what waits there."""

from django.urls import path

from reorder.web.warehouse import bins, files, filling, grid, overview, owners, plan, putting, waves

app_name = "warehouse"
urlpatterns = [
    path("", overview.index, name="index"),
    path("floor/", plan.show, name="floor"),
    path("floor/zones/", plan.save_zone, name="save_zone"),
    path("floor/grid/", grid.show, name="grid"),
    path("floor/grid/preview/", grid.preview, name="preview_grid"),
    path("floor/grid/save/", grid.save, name="save_grid"),
    path("floor/files/", files.show, name="files"),
    path("floor/files/take/", files.take, name="take_file"),
    path("floor/files/example/<slug:kind>/", files.example, name="example_file"),
    path("bins/", bins.index, name="bins"),
    path("bins/export/", bins.export, name="bins_export"),
    path("bins/<str:bin_code>/", bins.show, name="bin"),
    path("bins/<str:bin_code>/face/", bins.save_face, name="save_face"),
    path("bins/<str:bin_code>/face/drop/", bins.drop_face, name="drop_face"),
    path("put-away/", putting.index, name="put_away"),
    path("put-away/export/", putting.export, name="put_away_export"),
    path("put-away/<int:product_id>/", putting.show, name="put_away_product"),
    path("put-away/<int:product_id>/put/", putting.put, name="put_product_away"),
    path("replenish/", filling.index, name="replenish"),
    path("replenish/fill/", filling.fill, name="fill_face"),
    path("differences/", putting.differences, name="differences"),
    path("owners/", owners.index, name="owners"),
    path("owners/<str:owner_code>/", owners.show, name="owner"),
    path("owners/<str:owner_code>/statement/", owners.export, name="owner_statement_export"),
    path("owners/<str:owner_code>/statement.pdf", owners.paper, name="owner_paper"),
    path("owners/<str:owner_code>/stock/", owners.stock, name="owner_stock"),
    path("owners/<str:owner_code>/orders/", owners.sent, name="owner_sent"),
    path("waves/", waves.index, name="waves"),
    path("waves/make/", waves.make, name="make_wave"),
    path("waves/picking/", waves.set_picking, name="set_picking"),
    path("waves/<int:wave_id>/", waves.show, name="wave"),
    path("waves/<int:wave_id>/now/", waves.now, name="wave_now"),
    path("waves/<int:wave_id>/release/", waves.release, name="release_wave"),
    path("waves/<int:wave_id>/cancel/", waves.cancel, name="cancel_wave"),
    path("waves/<int:wave_id>/labels/", waves.buy_labels, name="buy_wave_labels"),
    path("waves/<int:wave_id>/split/", waves.split, name="split_wave"),
    path("waves/<int:wave_id>/print/", waves.print_lists, name="print_wave"),
    path("batches/<int:batch_id>/", waves.batch, name="batch"),
    path("batches/<int:batch_id>/assign/", waves.assign, name="assign_batch"),
]
