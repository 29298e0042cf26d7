"""Addresses of the portal. Links of mails carry a secret or a signed mark as their last part."""

from django.urls import path

from reorder.web.portal import carts, channels, confirming, entering, goods, orders, person

app_name = "shop"
urlpatterns = [
    path("", goods.home, name="home"),
    path("find/", goods.find, name="find"),
    path("enter/", entering.enter, name="enter"),
    path("enter/<str:secret>/", entering.come_in, name="come_in"),
    path("out/", entering.go_out, name="go_out"),
    path("out/everywhere/", entering.go_out_everywhere, name="go_out_everywhere"),
    path("language/", entering.choose_language, name="language"),
    path("cart/", carts.cart, name="cart"),
    path("cart/add/", carts.add, name="add"),
    path("cart/change/", carts.change, name="change"),
    path("cart/coupon/", carts.coupon, name="coupon"),
    path("cart/hold/", carts.hold, name="hold"),
    path("again/<str:mark>/", carts.again, name="again"),
    path("confirm/", confirming.confirm, name="confirm"),
    path("see/<str:mark>/", orders.see, name="see"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("orders/<int:order_id>/receipt/", orders.receipt, name="receipt"),
    path("orders/<int:order_id>/cancel/", orders.cancel, name="cancel"),
    path("orders/<int:order_id>/again/", orders.buy_again, name="buy_again"),
    path("orders/<int:order_id>/send-back/", orders.send_back, name="send_back"),
    path("orders/<int:order_id>/returns/<int:return_id>/sent", orders.return_sent, name="return_sent"),
    path("orders/<int:order_id>/returns/<int:return_id>/off", orders.return_off, name="return_off"),
    path("orders/<int:order_id>/returns/<int:return_id>/slip/", orders.return_slip, name="return_slip"),
    path("push-worker.js", channels.worker, name="push_worker"),
    path("push/on/", channels.subscribe, name="push_on"),
    path("push/off/", channels.unsubscribe, name="push_off"),
    path("line/", channels.line, name="line"),
    path("me/", person.me, name="me"),
    path("me/change/", person.change, name="change_me"),
    path("me/data/", person.ask_data, name="ask_data"),
    path("me/address/", person.add_address, name="add_address"),
    path("me/address/<int:saved_id>/", person.edit_address, name="edit_address"),
    path("me/address/<int:saved_id>/drop/", person.drop_address, name="drop_address"),
]
